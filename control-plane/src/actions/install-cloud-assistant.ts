import { InstallCloudAssistantInput } from "@cloud-assistant/shared/api/instances";
import { ApiError } from "@cloud-assistant/shared/errors";
import { defineAction } from "./action.ts";
import { findInstances } from "./find-instances.ts";
import { instanceResources } from "./resources.ts";
import { toScope } from "./scope.ts";

/**
 * A host is known here because an agent registered it, so there is nothing to install on it: the answer is that of a host
 * that has one already. A host without an agent is not known; it gets one by `agent register` with an activation.
 */
export const installCloudAssistant = defineAction({
  name: "InstallCloudAssistant",
  input: InstallCloudAssistantInput,
  mutates: false,
  resources: async (context, { RegionId, InstanceId }, call) => ({
    resources: await instanceResources(context, toScope(call, RegionId), InstanceId),
  }),
  run: async (context, { RegionId, InstanceId }, call) => {
    const instances = await findInstances(context, toScope(call, RegionId), InstanceId);
    if (instances.length < InstanceId.length) throw new ApiError("InvalidInstance.NotFound");
    return {};
  },
});
