import { ChangeActivationInput, type DeleteActivationAnswer } from "@cloud-assistant/shared/api/activations";
import { defineAction } from "./action.ts";
import { toActivation } from "./activation-answer.ts";
import { findActivation } from "./find-activation.ts";
import { toScope } from "./scope.ts";
import { taggedResources } from "./tagged-resources.ts";

/** Only of an activation with which no host was ever registered: the others keep saying where their hosts came from. */
export const deleteActivation = defineAction({
  name: "DeleteActivation",
  input: ChangeActivationInput,
  mutates: true,
  resources: async (context, { RegionId, ActivationId }, call) => ({
    resources: await taggedResources(context, toScope(call, RegionId), {
      ResourceType: "activation",
      ResourceId: [ActivationId],
    }),
  }),
  run: async (context, input, call): Promise<DeleteActivationAnswer> => {
    const found = await findActivation(context, toScope(call, input.RegionId), input.ActivationId);
    await context.store.activations.remove(found.activationId, call.request);
    call.committed();
    const { ResourceGroupId: _group, Tags: _tags, Disabled: _disabled, ...Activation } = toActivation(found);
    return { Activation };
  },
});
