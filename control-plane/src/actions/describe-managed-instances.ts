import {
  DescribeManagedInstancesInput,
  type DescribeManagedInstancesAnswer,
} from "@cloud-assistant/shared/api/instances";
import { groupFilter } from "../domain/resource-groups.ts";
import { defineAction } from "./action.ts";
import { toManagedInstance } from "./instance-answer.ts";
import { listPage } from "./list-page.ts";
import { instanceResources } from "./resources.ts";
import { toScope } from "./scope.ts";

export const describeManagedInstances = defineAction({
  name: "DescribeManagedInstances",
  input: DescribeManagedInstancesInput,
  mutates: false,
  resources: async (context, { RegionId, InstanceId }, call) => ({
    resources: await instanceResources(context, toScope(call, RegionId), InstanceId),
  }),
  run: async (context, input, call): Promise<DescribeManagedInstancesAnswer> => {
    const { store, hub, config } = context;
    const resourceGroupIds = groupFilter(input.ResourceGroupId, config.resourceGroupIds);
    const filter = {
      ...(resourceGroupIds && { resourceGroupIds }),
      ...toScope(call, input.RegionId),
      tags: input.Tag,
      ...(input.InstanceId.length > 0 && { instanceIds: input.InstanceId }),
      ...(input.ActivationId && { activationId: input.ActivationId }),
      ...(input.InstanceName && { instanceName: input.InstanceName }),
      ...(input.InstanceIp && { instanceIp: input.InstanceIp }),
      ...(input.MachineId && { machineId: input.MachineId }),
      ...(input.OsType && { osType: input.OsType }),
      ...(input.Connected !== undefined && { connected: input.Connected, connectedIds: hub.connectedIds() }),
    };
    const { rows, page } = await listPage(context, call, input, (wanted) => store.instances.list(filter, wanted));
    return {
      ...page,
      Instances: rows.map((instance) => toManagedInstance(instance, hub.isConnected(instance.instanceId))),
    };
  },
});
