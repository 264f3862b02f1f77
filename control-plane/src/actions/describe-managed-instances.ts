import { DescribeManagedInstancesInput, type DescribeManagedInstancesAnswer, type ManagedInstanceAnswer } from "@cloud-assistant/shared/api/instances";
import type { Context } from "../context.ts";
import type { Instance, Page } from "../store/store.ts";
import { defineAction } from "./action.ts";
import { toOsType } from "./instance-answer.ts";
import { emptyPage, listPage } from "./list-page.ts";
import { toTags, toTime } from "./run-answer.ts";

export const describeManagedInstances = defineAction({
  name: "DescribeManagedInstances",
  input: DescribeManagedInstancesInput,
  mutates: false,
  run: async (context, input, call): Promise<DescribeManagedInstancesAnswer> => {
    const { store, hub } = context;
    const filter = {
      regionId: input.RegionId,
      tags: input.Tag,
      ...(input.InstanceId.length > 0 && { instanceIds: input.InstanceId }),
      ...(input.ActivationId && { activationId: input.ActivationId }),
      ...(input.InstanceName && { instanceName: input.InstanceName }),
      ...(input.InstanceIp && { instanceIp: input.InstanceIp }),
      ...(input.MachineId && { machineId: input.MachineId }),
      ...(input.OsType && { osType: input.OsType }),
      ...(input.Connected !== undefined && { connected: input.Connected, connectedIds: hub.connectedIds() }),
    };
    const { rows, page } = await listPage(context, call, input, input.ResourceGroupId ? emptyPage : (wanted: Page) => store.instances.list(filter, wanted));
    return { ...page, Instances: rows.map((instance) => toManagedInstance(context, instance)) };
  },
});

function toManagedInstance({ hub }: Context, instance: Instance): ManagedInstanceAnswer {
  const { host } = instance;
  return {
    InstanceId: instance.instanceId,
    InstanceName: instance.instanceName,
    ActivationId: instance.activationId,
    Hostname: host.hostname,
    MachineId: host.machineId,
    OsType: toOsType(host.osType),
    OsVersion: host.osVersion,
    AgentVersion: host.agentVersion,
    IntranetIp: host.intranetIp,
    InternetIp: instance.internetIp,
    Connected: hub.isConnected(instance.instanceId),
    RegistrationTime: toTime(instance.registeredMs),
    LastInvokedTime: toTime(instance.lastInvokedMs),
    InvocationCount: instance.invocationCount,
    ResourceGroupId: "",
    Tags: toTags(instance.tags),
  };
}
