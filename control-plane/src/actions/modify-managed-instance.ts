import { ModifyManagedInstanceInput, type ModifyManagedInstanceAnswer } from "@cloud-assistant/shared/api/instances";
import { defineAction } from "./action.ts";
import { findInstance } from "./find-instance.ts";
import { instanceResources } from "./resources.ts";
import { toScope } from "./scope.ts";

export const modifyManagedInstance = defineAction({
  name: "ModifyManagedInstance",
  input: ModifyManagedInstanceInput,
  mutates: true,
  resources: async (context, { RegionId, InstanceId }, call) => ({
    resources: await instanceResources(context, toScope(call, RegionId), [InstanceId]),
  }),
  run: async (context, input, call): Promise<ModifyManagedInstanceAnswer> => {
    const { instanceId } = await findInstance(context, toScope(call, input.RegionId), input.InstanceId);
    await context.store.instances.rename(instanceId, input.InstanceName, call.request);
    call.committed();
    return { Instance: { InstanceId: instanceId, InstanceName: input.InstanceName } };
  },
});
