import { DescribeInvocationsInput, type DescribeInvocationsAnswer, type InvocationAnswer } from "@cloud-assistant/shared/api/invocations";
import type { Context } from "../context.ts";
import { legacyOverallStatus, overallStatus } from "../domain/invocation-status.ts";
import type { InvocationFilter, InvocationWithRuns, Page } from "../store/store.ts";
import { defineAction, type Call } from "./action.ts";
import { emptyPage, listPage } from "./list-page.ts";
import { invocationResources } from "./resources.ts";
import { readShownOutput, toEncoded, toInvokeInstance, toTags, toTime, toUsername } from "./run-answer.ts";
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
    // no schedule and no resource group exists here yet, so none can be found
    const list = input.Timed || input.ResourceGroupId ? emptyPage : (wanted: Page) => context.store.invocations.list(toFilter(input, call), wanted);
    const { rows, page } = await listPage(context, call, input, list);
    return { ...page, Invocations: { Invocation: await Promise.all(rows.map((row) => toInvocation(context, row, input))) } };
  },
});

/** CommandName and RepeatMode do not count beside an InstanceId (api-facts 4.8). */
function toFilter(input: DescribeInvocationsInput, call: Call): InvocationFilter {
  const byInstance = input.InstanceId !== undefined;
  return {
    ...toScope(call, input.RegionId),
    tags: input.Tag,
    ...(input.InvokeId && { invokeId: input.InvokeId }),
    ...(input.CommandId && { commandId: input.CommandId }),
    ...(input.CommandType && { commandType: input.CommandType }),
    ...(input.InvokeStatus && { invokeStatus: input.InvokeStatus }),
    ...(input.InstanceId && { instanceId: input.InstanceId }),
    ...(!byInstance && input.CommandName && { commandName: input.CommandName }),
    ...(!byInstance && input.RepeatMode && { repeatMode: input.RepeatMode }),
  };
}

async function toInvocation({ store }: Context, { invocation, runs }: InvocationWithRuns, input: DescribeInvocationsInput): Promise<InvocationAnswer> {
  const statuses = runs.map(({ run }) => run.status);
  const encoding = input.ContentEncoding;
  const instances = runs.map(async (run) =>
    toInvokeInstance(run, input.IncludeOutput ? await readShownOutput(store.output, run) : undefined, encoding),
  );
  const username = toUsername(invocation);
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
    Frequency: "",
    Timed: false,
    Timeout: invocation.timeoutSeconds,
    TerminationMode: invocation.terminationMode,
    Username: username,
    WorkingDir: invocation.workingDir || (username === "root" ? "/root" : ""),
    Launcher: "",
    ContainerId: "",
    ContainerName: "",
    OssOutputDelivery: "",
    CreationTime: toTime(invocation.createdMs),
    Tags: { Tag: toTags(invocation.tags) },
    InvokeInstances: { InvokeInstance: await Promise.all(instances) },
  };
}
