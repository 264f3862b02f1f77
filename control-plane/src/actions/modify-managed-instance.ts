import { ModifyManagedInstanceInput, type ModifyManagedInstanceAnswer } from "@cloud-assistant/shared/api/instances";
import { defineAction } from "./action.ts";
import { findInstance } from "./find-instance.ts";

export const modifyManagedInstance = defineAction({
  name: "ModifyManagedInstance",
  input: ModifyManagedInstanceInput,
  mutates: true,
  run: async (context, input, call): Promise<ModifyManagedInstanceAnswer> => {
    const { instanceId } = await findInstance(context, input);
    await context.store.instances.rename(instanceId, input.InstanceName, call.request);
    call.committed();
    return { Instance: { InstanceId: instanceId, InstanceName: input.InstanceName } };
  },
});
