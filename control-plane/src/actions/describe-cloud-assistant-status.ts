import {
  DescribeCloudAssistantStatusInput,
  type CloudAssistantStatusAnswer,
  type DescribeCloudAssistantStatusAnswer,
} from "@cloud-assistant/shared/api/instances";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import type { Instance } from "../store/store.ts";
import { defineAction } from "./action.ts";
import { findInstances } from "./find-instances.ts";
import { toOsType } from "./instance-answer.ts";
import { listPage } from "./list-page.ts";
import { instanceResources } from "./resources.ts";
import { toTime } from "./run-answer.ts";
import { toScope } from "./scope.ts";

export const describeCloudAssistantStatus = defineAction({
  name: "DescribeCloudAssistantStatus",
  input: DescribeCloudAssistantStatusInput,
  mutates: false,
  resources: async (context, { RegionId, InstanceId }, call) => ({
    resources: await instanceResources(context, toScope(call, RegionId), InstanceId),
  }),
  run: async (context, input, call): Promise<DescribeCloudAssistantStatusAnswer> => {
    const { RegionId, InstanceId, OSType } = input;
    const scope = toScope(call, RegionId);
    const { rows, page } = await listPage(context, call, input, async (wanted) => {
      const filter = { ...scope, tags: [], ...(OSType && { osType: OSType }) };
      if (InstanceId.length === 0) return context.store.instances.list(filter, wanted);
      // named instances come all at once, paging is ignored (api-facts 1.6)
      const named = await findInstances(context, scope, InstanceId);
      if (named.length < InstanceId.length) throw new ApiError("InvalidInstance.NotFound");
      const kept = named.filter(({ host }) => OSType === undefined || host.osType === OSType);
      return { rows: kept, total: kept.length };
    });
    const statuses = rows.map((instance) => toStatus(context, instance));
    return { ...page, InstanceCloudAssistantStatusSet: { InstanceCloudAssistantStatus: statuses } };
  },
});

function toStatus({ hub }: Context, instance: Instance): CloudAssistantStatusAnswer {
  return {
    InstanceId: instance.instanceId,
    CloudAssistantStatus: hub.isConnected(instance.instanceId) ? "true" : "false",
    CloudAssistantVersion: instance.host.agentVersion,
    OSType: toOsType(instance.host.osType),
    LastHeartbeatTime: toTime(instance.lastSeenMs),
    LastInvokedTime: toTime(instance.lastInvokedMs),
    ActiveTaskCount: instance.activeCount,
    InvocationCount: instance.invocationCount,
    SupportSessionManager: false, // no sessions yet
  };
}
