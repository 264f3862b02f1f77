import { MAX_TAGS_OF_RESOURCE, TagResourcesInput } from "@cloud-assistant/shared/api/tag-resources";
import { defineAction } from "./action.ts";
import { toScope } from "./scope.ts";
import { taggedResources, toResources } from "./tagged-resources.ts";

/** All of the resources or none: one that is not there, or is full, leaves the others as they were. */
export const tagResources = defineAction({
  name: "TagResources",
  input: TagResourcesInput,
  mutates: true,
  resources: async (context, input, call) => ({
    resources: await taggedResources(context, toScope(call, input.RegionId), input),
    requestTags: input.Tag,
  }),
  run: async ({ store }, input, call) => {
    await store.tags.set(
      toResources(toScope(call, input.RegionId), input),
      input.Tag,
      MAX_TAGS_OF_RESOURCE,
      call.request,
    );
    call.committed();
    return {};
  },
});
