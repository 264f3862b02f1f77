import { UntagResourcesInput } from "@cloud-assistant/shared/api/tag-resources";
import { defineAction } from "./action.ts";
import { toResources } from "./tagged-resources.ts";

/** A tag that is not there is as good as removed. */
export const untagResources = defineAction({
  name: "UntagResources",
  input: UntagResourcesInput,
  mutates: true,
  run: async ({ store }, input, call) => {
    await store.tags.unset(toResources(input), input.All ? undefined : input.TagKey, call.request);
    call.committed();
    return {};
  },
});
