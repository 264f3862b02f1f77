import { ChangeActivationInput, type DeleteActivationAnswer } from "@cloud-assistant/shared/api/activations";
import { ApiError } from "@cloud-assistant/shared/errors";
import { defineAction } from "./action.ts";
import { toActivation } from "./activation-answer.ts";
import { findActivation } from "./find-activation.ts";

/** Only of an activation with which no host was ever registered: the others keep saying where their hosts came from. */
export const deleteActivation = defineAction({
  name: "DeleteActivation",
  input: ChangeActivationInput,
  mutates: true,
  run: async (context, input, call): Promise<DeleteActivationAnswer> => {
    const { activationId, registeredCount } = await findActivation(context, input);
    if (registeredCount > 0) throw new ApiError("ActivationId.InUse");
    const removed = await context.store.activations.remove(activationId, call.request);
    if (!removed) throw new ApiError("ActivationId.NotFound"); // deleted meanwhile
    if (removed.registeredCount > 0) throw new ApiError("ActivationId.InUse");
    call.committed();
    const { ResourceGroupId: _group, Tags: _tags, Disabled: _disabled, ...Activation } = toActivation(removed);
    return { Activation };
  },
});
