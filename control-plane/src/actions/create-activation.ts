import { createHash } from "node:crypto";
import { CreateActivationInput, type CreateActivationAnswer } from "@cloud-assistant/shared/api/activations";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import { checkResourceGroup } from "../domain/resource-groups.ts";
import { activationCodePurpose } from "../domain/seal-purposes.ts";
import type { Activation } from "../store/store.ts";
import { defineAction, type Call } from "./action.ts";

/**
 * The code is shown only here. With a ClientToken the id is made from the token, so a retry finds what the first call made
 * and gets the same answer, whatever happened in between.
 */
export const createActivation = defineAction({
  name: "CreateActivation",
  input: CreateActivationInput,
  mutates: true,
  run: async (context, input, call): Promise<CreateActivationAnswer> => {
    const activationId = input.ClientToken ? idOfToken(call.caller.accountId, input.ClientToken) : context.ids.activationId();
    const repeated = input.ClientToken ? await findRepeated(context, activationId, input) : undefined;
    if (repeated) return repeated;
    const { store, clock, config } = context;
    checkResourceGroup(input.ResourceGroupId, config.resourceGroupIds);
    const nowMs = clock.now();
    if ((await store.activations.countOpen(input.RegionId, nowMs)) >= config.maxOpenActivations) {
      throw new ApiError("ActivationCount.ExceedLimit", { values: [config.maxOpenActivations] });
    }
    return insert(context, activationId, input, call);
  },
});

async function insert(context: Context, activationId: string, input: CreateActivationInput, call: Call): Promise<CreateActivationAnswer> {
  const { store, keys, ids, clock } = context;
  const code = ids.activationCode();
  const activation: Activation = {
    ...toAsked(input),
    activationId,
    sealedCode: keys.seal(activationCodePurpose(activationId), code),
    disabled: false,
    createdMs: clock.now(),
    registeredCount: 0,
    deregisteredCount: 0,
  };
  try {
    await store.activations.insert(activation, call.request);
  } catch (error) {
    // another call with the same token may have been first
    const repeated = input.ClientToken && !(error instanceof ApiError) ? await findRepeated(context, activationId, input) : undefined;
    if (repeated) return repeated;
    throw error;
  }
  call.committed();
  return { ActivationId: activationId, ActivationCode: code };
}

async function findRepeated({ store, keys }: Context, activationId: string, input: CreateActivationInput): Promise<CreateActivationAnswer | undefined> {
  const found = await store.activations.find(activationId);
  if (!found) return undefined;
  const { regionId, instanceCount, timeToLiveHours, description, instanceName, ipAddressRange, resourceGroupId, tags } = found;
  const was: Asked = { regionId, instanceCount, timeToLiveHours, description, instanceName, ipAddressRange, resourceGroupId, tags };
  if (toComparable(was) !== toComparable(toAsked(input))) throw new ApiError("IdempotentParameterMismatch");
  return { ActivationId: activationId, ActivationCode: keys.unseal(activationCodePurpose(activationId), found.sealedCode) };
}

type Asked = Pick<
  Activation,
  "regionId" | "instanceCount" | "timeToLiveHours" | "description" | "instanceName" | "ipAddressRange" | "resourceGroupId" | "tags"
>;

function toAsked(input: CreateActivationInput): Asked {
  return {
    regionId: input.RegionId,
    instanceCount: input.InstanceCount,
    timeToLiveHours: input.TimeToLiveInHours,
    description: input.Description,
    instanceName: input.InstanceName,
    ipAddressRange: input.IpAddressRange ?? "",
    resourceGroupId: input.ResourceGroupId ?? "",
    tags: input.Tag,
  };
}

function toComparable(asked: Asked): string {
  return JSON.stringify({ ...asked, tags: asked.tags.map(({ key, value }) => `${key}\n${value}`).toSorted() });
}

/** Upper-case UUID over account and token. */
function idOfToken(accountId: string, token: string): string {
  const hex = createHash("sha256").update(`activation\n${accountId}\n${token}`).digest("hex").toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
