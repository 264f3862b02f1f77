import { DescribeActivationsInput, type DescribeActivationsAnswer } from "@cloud-assistant/shared/api/activations";
import { groupFilter } from "../domain/resource-groups.ts";
import { toActivation } from "./activation-answer.ts";
import { defineAction } from "./action.ts";
import { listPage } from "./list-page.ts";
import { toScope } from "./scope.ts";
import { taggedResources } from "./tagged-resources.ts";

export const describeActivations = defineAction({
  name: "DescribeActivations",
  input: DescribeActivationsInput,
  mutates: false,
  resources: async (context, { RegionId, ActivationId }, call) => ({
    resources: await taggedResources(context, toScope(call, RegionId), {
      ResourceType: "activation",
      ResourceId: [ActivationId ?? []].flat(),
    }),
  }),
  run: async (context, input, call): Promise<DescribeActivationsAnswer> => {
    const resourceGroupIds = groupFilter(input.ResourceGroupId, context.config.resourceGroupIds);
    const filter = {
      ...(resourceGroupIds && { resourceGroupIds }),
      ...toScope(call, input.RegionId),
      tags: input.Tag,
      ...(input.ActivationId && { activationId: input.ActivationId }),
      ...(input.InstanceName && { instanceName: input.InstanceName }),
    };
    const { rows, page } = await listPage(context, call, input, (wanted) =>
      context.store.activations.list(filter, wanted),
    );
    return { ...page, ActivationList: rows.map(toActivation) };
  },
});
