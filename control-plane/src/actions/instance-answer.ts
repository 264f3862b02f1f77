import { toMinutesTime } from "@cloud-assistant/shared/api/answers";
import type { InstanceAnswer, ManagedInstanceAnswer } from "@cloud-assistant/shared/api/instances";
import type { Instance } from "../store/store.ts";
import { toTags, toTime } from "./run-answer.ts";

/** As the Cloud Assistant actions spell it; DescribeInstances has it in lower case. */
export function toOsType(osType: Instance["host"]["osType"]): "Linux" | "Windows" {
  return osType === "linux" ? "Linux" : "Windows";
}

/** What is known of a host; what only a cloud has is empty. */
export function toInstance(instance: Instance, connected: boolean): InstanceAnswer {
  const { host } = instance;
  return {
    InstanceId: instance.instanceId,
    InstanceName: instance.instanceName,
    Description: "",
    Status: connected ? "Running" : "Stopped",
    RegionId: instance.regionId,
    ZoneId: "",
    OSType: host.osType,
    OSName: host.osVersion,
    OSNameEn: host.osVersion,
    HostName: host.hostname,
    CreationTime: toMinutesTime(new Date(instance.registeredMs).toISOString()),
    InstanceType: "",
    VpcAttributes: { VpcId: "", VSwitchId: "", NatIpAddress: "", PrivateIpAddress: addresses(host.intranetIp) },
    InnerIpAddress: addresses(""),
    PublicIpAddress: addresses(instance.internetIp),
    EipAddress: { IpAddress: "", AllocationId: "", InternetChargeType: "" },
    SecurityGroupIds: { SecurityGroupId: [] },
    ResourceGroupId: instance.resourceGroupId,
    Tags: { Tag: toTags(instance.tags) },
  };
}

/** What is known of a registered host. */
export function toManagedInstance(instance: Instance, connected: boolean): ManagedInstanceAnswer {
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
    Connected: connected,
    RegistrationTime: toTime(instance.registeredMs),
    LastInvokedTime: toTime(instance.lastInvokedMs),
    InvocationCount: instance.invocationCount,
    ResourceGroupId: instance.resourceGroupId,
    Tags: toTags(instance.tags),
  };
}

function addresses(address: string): { IpAddress: string[] } {
  return { IpAddress: address === "" ? [] : [address] };
}
