import {
  DescribeInvocationResultsInput,
  type DescribeInvocationResultsAnswer,
} from "@cloud-assistant/shared/api/invocations";
import type { Context } from "../context.ts";
import { statusesOfRecord } from "../domain/invocation-status.ts";
import { groupFilter } from "../domain/resource-groups.ts";
import type { RunFilter } from "../store/store.ts";
import { defineAction, type Call } from "./action.ts";
import { emptyPage, listPage } from "./list-page.ts";
import { invocationResources } from "./resources.ts";
import { readShownOutput, toInvocationResult } from "./run-answer.ts";
import { toScope } from "./scope.ts";

export const describeInvocationResults = defineAction({
  name: "DescribeInvocationResults",
  input: DescribeInvocationResultsInput,
  mutates: false,
  resources: async (context, input, call) => {
    const { instances, command } = await invocationResources(context, toScope(call, input.RegionId), input);
    return { resources: [...instances, command] };
  },
  run: async (context, input, call): Promise<DescribeInvocationResultsAnswer> => {
    const { store } = context;
    const filter = toFilter(context, input, call);
    const impossible = filter.statuses?.length === 0;
    const { rows, page } = await listPage(
      context,
      call,
      input,
      impossible ? emptyPage : (wanted) => store.runs.list(filter, wanted),
    );
    const results = rows.map(async (row) =>
      toInvocationResult(row.invocation, row, await readShownOutput(store.output, row), input.ContentEncoding),
    );
    return { Invocation: { ...page, InvocationResults: { InvocationResult: await Promise.all(results) } } };
  },
});

function toFilter({ config }: Context, input: DescribeInvocationResultsInput, call: Call): RunFilter {
  const groups = groupFilter(input.ResourceGroupId, config.resourceGroupIds);
  return {
    ...toScope(call, input.RegionId),
    tags: input.Tag,
    ...(input.InvokeId && { invokeId: input.InvokeId }),
    ...(input.CommandId && { commandId: input.CommandId }),
    ...(input.InstanceId && { instanceId: input.InstanceId }),
    ...(input.IncludeHistory && input.InvokeId && { history: true as const }),
    ...(groups && { resourceGroupIds: groups }),
    ...(input.InvokeRecordStatus && { statuses: statusesOfRecord(input.InvokeRecordStatus) }),
  };
}
