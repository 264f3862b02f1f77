import { DescribeActivationsInput, type ActivationAnswer, type DescribeActivationsAnswer } from "@cloud-assistant/shared/api/activations";
import type { Activation, Page } from "../store/store.ts";
import { defineAction } from "./action.ts";
import { emptyPage, listPage } from "./list-page.ts";
import { toTags, toTime } from "./run-answer.ts";

export const describeActivations = defineAction({
  name: "DescribeActivations",
  input: DescribeActivationsInput,
  mutates: false,
  run: async (context, input, call): Promise<DescribeActivationsAnswer> => {
    const filter = {
      regionId: input.RegionId,
      tags: input.Tag,
      ...(input.ActivationId && { activationId: input.ActivationId }),
      ...(input.InstanceName && { instanceName: input.InstanceName }),
    };
    const list = input.ResourceGroupId ? emptyPage : (wanted: Page) => context.store.activations.list(filter, wanted);
    const { rows, page } = await listPage(context, call, input, list);
    return { ...page, ActivationList: rows.map(toActivation) };
  },
});

function toActivation(activation: Activation): ActivationAnswer {
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
    ResourceGroupId: "",
    Tags: toTags(activation.tags),
  };
}
