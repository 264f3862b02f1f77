import type { ActivationAnswer } from "@cloud-assistant/shared/api/activations";
import type { Activation } from "../store/store.ts";
import { toTags, toTime } from "./run-answer.ts";

export function toActivation(activation: Activation): ActivationAnswer {
  return {
    ActivationId: activation.activationId,
    InstanceCount: activation.instanceCount,
    RegisteredCount: activation.registeredCount,
    DeregisteredCount: activation.deregisteredCount,
    TimeToLiveInHours: activation.timeToLiveHours,
    Description: activation.description,
    InstanceName: activation.instanceName,
    IpAddressRange: activation.ipAddressRange,
    Disabled: activation.disabled,
    CreationTime: toTime(activation.createdMs),
    ResourceGroupId: activation.resourceGroupId,
    Tags: toTags(activation.tags),
  };
}
