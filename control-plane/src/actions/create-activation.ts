import { CreateActivationInput, type CreateActivationAnswer } from "@cloud-assistant/shared/api/activations";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import { checkResourceGroup } from "../domain/resource-groups.ts";
import { activationCodePurpose } from "../domain/seal-purposes.ts";
import type { Activation } from "../store/store.ts";
import { defineAction } from "./action.ts";
import { toScope } from "./scope.ts";
import { withClientToken } from "./with-client-token.ts";

/** The code is shown only here; with the ClientToken it is shown again. */
export const createActivation = defineAction({
  name: "CreateActivation",
  input: CreateActivationInput,
  mutates: true,
  resources: (_context, { Tag }) => ({ resources: [{ name: "activation/*" }], requestTags: Tag }),
  run: (context, input, call) =>
    withClientToken<CreateActivationAnswer>(context, call, input.ClientToken, async (requestFor) => {
      const { store, clock, config, ids } = context;
      const resourceGroupId = checkResourceGroup(input.ResourceGroupId, config.resourceGroupIds);
      if (
        (await store.activations.countOpen(toScope(call, input.RegionId), clock.now())) >= config.maxOpenActivations
      ) {
        throw new ApiError("ActivationCount.ExceedLimit", { values: [config.maxOpenActivations] });
      }
      const code = ids.activationCode();
      const activation = toNewActivation(context, input, code, { resourceGroupId, accountId: call.caller.accountId });
      const answer = { ActivationId: activation.activationId, ActivationCode: code };
      await store.activations.insert(activation, requestFor(answer));
      call.committed();
      return answer;
    }),
});

function toNewActivation(
  { keys, ids, clock }: Context,
  input: CreateActivationInput,
  code: string,
  belongs: Pick<Activation, "resourceGroupId" | "accountId">,
): Activation {
  const activationId = ids.activationId();
  return {
    activationId,
    ...belongs,
    regionId: input.RegionId,
    sealedCode: keys.seal(activationCodePurpose(activationId), code),
    instanceCount: input.InstanceCount,
    timeToLiveHours: input.TimeToLiveInHours,
    description: input.Description,
    instanceName: input.InstanceName,
    ipAddressRange: input.IpAddressRange ?? "",
    disabled: false,
    createdMs: clock.now(),
    registeredCount: 0,
    deregisteredCount: 0,
    tags: input.Tag,
  };
}
