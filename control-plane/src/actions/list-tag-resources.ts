import {
  GROUP_KEY,
  ListTagResourcesInput,
  type ListTagResourcesAnswer,
} from "@cloud-assistant/shared/api/tag-resources";
import { ApiError } from "@cloud-assistant/shared/errors";
import { isDefaultGroup } from "../domain/resource-groups.ts";
import { defineAction } from "./action.ts";
import { pageTokens } from "./list-page.ts";
import { toScope } from "./scope.ts";
import { taggedResources, toKind } from "./tagged-resources.ts";

/** Resources on a page, each with up to 20 tags: there is no MaxResults to ask for another number. */
const PAGE = 50;

/** Every tag of the resources that are named, or that have all the tags asked for. */
export const listTagResources = defineAction({
  name: "ListTagResources",
  input: ListTagResourcesInput,
  mutates: false,
  resources: async (context, input, call) => ({
    resources: await taggedResources(context, toScope(call, input.RegionId), input),
  }),
  run: async (context, input, call): Promise<ListTagResourcesAnswer> => {
    const { NextToken, ...filters } = input;
    const tokens = pageTokens(context, call, filters, "Invalid.NextToken");
    const after = NextToken === undefined ? undefined : tokens.open(NextToken);
    const groupTag = input.Tag.find(({ key }) => key === GROUP_KEY);
    const group = groupTag && (groupTag.value ?? "");
    if (group !== undefined && isDefaultGroup(group, context.config.resourceGroupIds))
      throw new ApiError("InvalidDefaultResourceGroup.NotSupported");
    const kind = toKind(input.ResourceType);
    if (!kind) return { NextToken: "", TagResources: { TagResource: [] } };
    const { rows, next } = await context.store.tags.list(
      {
        ...toScope(call, input.RegionId),
        kind,
        ...(input.ResourceId.length > 0 && { ids: input.ResourceId }),
        ...(group === undefined ? { tags: input.Tag } : { resourceGroupId: group }),
        patterns: input.TagFilter,
      },
      { limit: PAGE, ...(after !== undefined && { after }) },
    );
    const entries = rows.flatMap(({ resourceId, resourceGroupId, tags }) => {
      const shown = group === undefined ? tags : [{ key: GROUP_KEY, value: resourceGroupId }];
      return shown.map(({ key, value }) => ({
        ResourceType: input.ResourceType,
        ResourceId: resourceId,
        TagKey: key,
        TagValue: value,
      }));
    });
    return { NextToken: next === undefined ? "" : tokens.seal(next), TagResources: { TagResource: entries } };
  },
});
