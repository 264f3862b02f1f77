import { ChangeActivationInput, type DisableActivationAnswer } from "@cloud-assistant/shared/api/activations";
import { ApiError } from "@cloud-assistant/shared/errors";
import { defineAction } from "./action.ts";
import { toActivation } from "./activation-answer.ts";
import { findActivation } from "./find-activation.ts";

/** No new registrations with its code; hosts that have registered stay. */
export const disableActivation = defineAction({
  name: "DisableActivation",
  input: ChangeActivationInput,
  mutates: true,
  run: async (context, input, call): Promise<DisableActivationAnswer> => {
    const { activationId } = await findActivation(context, input);
    const disabled = await context.store.activations.disable(activationId, call.request);
    if (!disabled) throw new ApiError("ActivationId.NotFound"); // deleted meanwhile
    call.committed();
    const { ResourceGroupId: _group, Tags: _tags, ...Activation } = toActivation(disabled);
    return { Activation };
  },
});
