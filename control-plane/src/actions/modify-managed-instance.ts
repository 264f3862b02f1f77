import { ModifyManagedInstanceInput, type ModifyManagedInstanceAnswer } from "@cloud-assistant/shared/api/instances";
import { ApiError } from "@cloud-assistant/shared/errors";
import { defineAction } from "./action.ts";
import { findInstance } from "./find-instance.ts";

export const modifyManagedInstance = defineAction({
  name: "ModifyManagedInstance",
  input: ModifyManagedInstanceInput,
  mutates: true,
  run: async (context, input, call): Promise<ModifyManagedInstanceAnswer> => {
    const { instanceId } = await findInstance(context, input);
    const renamed = await context.store.instances.rename(instanceId, input.InstanceName, call.request);
    if (!renamed) throw new ApiError("InvalidInstance.NotFound"); // deregistered meanwhile
    call.committed();
    return { Instance: { InstanceId: renamed.instanceId, InstanceName: renamed.instanceName } };
  },
});
