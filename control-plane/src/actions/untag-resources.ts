import { UntagResourcesInput } from "@cloud-assistant/shared/api/tag-resources";
import { defineAction } from "./action.ts";
import { toScope } from "./scope.ts";
import { taggedResources, toResources } from "./tagged-resources.ts";

/** A tag that is not there is as good as removed. */
export const untagResources = defineAction({
  name: "UntagResources",
  input: UntagResourcesInput,
  mutates: true,
  resources: async (context, input, call) => ({
    resources: await taggedResources(context, toScope(call, input.RegionId), input),
  }),
  run: async ({ store }, input, call) => {
    await store.tags.unset(
      toResources(toScope(call, input.RegionId), input),
      input.All ? undefined : input.TagKey,
      call.request,
    );
    call.committed();
    return {};
  },
});
