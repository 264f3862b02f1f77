import { MAX_TAGS_OF_RESOURCE, TagResourcesInput } from "@cloud-assistant/shared/api/tag-resources";
import { defineAction } from "./action.ts";
import { toResources } from "./tagged-resources.ts";

/** All of the resources or none: one that is not there, or is full, leaves the others as they were. */
export const tagResources = defineAction({
  name: "TagResources",
  input: TagResourcesInput,
  mutates: true,
  run: async ({ store }, input, call) => {
    await store.tags.set(toResources(input), input.Tag, MAX_TAGS_OF_RESOURCE, call.request);
    call.committed();
    return {};
  },
});
