import {
  DescribeInvocationsInput,
  type DescribeInvocationsAnswer,
  type InvocationAnswer,
} from "@cloud-assistant/shared/api/invocations";
import type { Context } from "../context.ts";
import { legacyOverallStatus, overallStatus, willRunAgain } from "../domain/invocation-status.ts";
import { groupFilter } from "../domain/resource-groups.ts";
import type { InvocationFilter, InvocationWithRuns } from "../store/store.ts";
import { defineAction, type Call } from "./action.ts";
import { listPage } from "./list-page.ts";
import { invocationResources } from "./resources.ts";
import { readShownOutput, toEncoded, toInvokeInstance, toRunWith, toTags, toTime, toWorkingDir } from "./run-answer.ts";
import { toScope } from "./scope.ts";

export const describeInvocations = defineAction({
  name: "DescribeInvocations",
  input: DescribeInvocationsInput,
  mutates: false,
  resources: async (context, input, call) => {
    const { instances, command } = await invocationResources(context, toScope(call, input.RegionId), input);
    return { resources: [...instances, command] };
  },
  run: async (context, input, call): Promise<DescribeInvocationsAnswer> => {
    const filter = toFilter(context, input, call);
    const { rows, page } = await listPage(context, call, input, (wanted) =>
      context.store.invocations.list(filter, wanted),
    );
    return {
      ...page,
      Invocations: { Invocation: await Promise.all(rows.map((row) => toInvocation(context, row, input))) },
    };
  },
});

/** CommandName and RepeatMode do not count beside an InstanceId (api-facts 4.8). */
function toFilter({ config }: Context, input: DescribeInvocationsInput, call: Call): InvocationFilter {
  const groups = groupFilter(input.ResourceGroupId, config.resourceGroupIds);
  const byInstance = input.InstanceId !== undefined;
  return {
    ...toScope(call, input.RegionId),
    tags: input.Tag,
    ...(input.InvokeId && { invokeId: input.InvokeId }),
    ...(input.CommandId && { commandId: input.CommandId }),
    ...(input.CommandType && { commandType: input.CommandType }),
    ...(input.InvokeStatus && { invokeStatus: input.InvokeStatus }),
    ...(input.InstanceId && { instanceId: input.InstanceId }),
    ...(input.Timed !== undefined && { timed: input.Timed }),
    ...(groups && { resourceGroupIds: groups }),
    ...(!byInstance && input.CommandName && { commandName: input.CommandName }),
    ...(!byInstance && input.RepeatMode && { repeatMode: input.RepeatMode }),
  };
}

async function toInvocation(
  { store }: Context,
  { invocation, runs }: InvocationWithRuns,
  input: DescribeInvocationsInput,
): Promise<InvocationAnswer> {
  const statuses = runs.map(({ run }) => run.status);
  const encoding = input.ContentEncoding;
  const instances = runs.map(async (run) =>
    toInvokeInstance(
      invocation,
      run,
      input.IncludeOutput ? await readShownOutput(store.output, run) : undefined,
      encoding,
    ),
  );
  return {
    InvokeId: invocation.invokeId,
    InvocationStatus: overallStatus(statuses),
    InvokeStatus: legacyOverallStatus(statuses, invocation.repeatMode),
    CommandId: invocation.commandId,
    CommandName: invocation.name,
    CommandDescription: invocation.description,
    CommandType: invocation.commandType,
    CommandContent: toEncoded(invocation.content, encoding),
    Parameters: JSON.stringify(invocation.parameters),
    RepeatMode: invocation.repeatMode,
    Frequency: invocation.frequency,
    Timed: willRunAgain(overallStatus(statuses), invocation.repeatMode),
    Timeout: invocation.timeoutSeconds,
    ...toRunWith(invocation),
    WorkingDir: toWorkingDir(invocation),
    CreationTime: toTime(invocation.createdMs),
    Tags: { Tag: toTags(invocation.tags) },
    InvokeInstances: { InvokeInstance: await Promise.all(instances) },
  };
}
