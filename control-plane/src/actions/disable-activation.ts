import { ChangeActivationInput, type DisableActivationAnswer } from "@cloud-assistant/shared/api/activations";
import { defineAction } from "./action.ts";
import { toActivation } from "./activation-answer.ts";
import { findActivation } from "./find-activation.ts";
import { toScope } from "./scope.ts";
import { taggedResources } from "./tagged-resources.ts";

/** No new registrations with its code; hosts that have registered stay. */
export const disableActivation = defineAction({
  name: "DisableActivation",
  input: ChangeActivationInput,
  mutates: true,
  resources: async (context, { RegionId, ActivationId }, call) => ({
    resources: await taggedResources(context, toScope(call, RegionId), {
      ResourceType: "activation",
      ResourceId: [ActivationId],
    }),
  }),
  run: async (context, input, call): Promise<DisableActivationAnswer> => {
    const found = await findActivation(context, toScope(call, input.RegionId), input.ActivationId);
    await context.store.activations.disable(found.activationId, call.request);
    call.committed();
    const { ResourceGroupId: _group, Tags: _tags, ...Activation } = toActivation({ ...found, disabled: true });
    return { Activation };
  },
});
