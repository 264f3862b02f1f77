import type { InvocationFilter, InvocationStore, NewInvocation } from "../../store.ts";
import type { Writer } from "../writer.ts";
import type { Counts } from "./counts.ts";
import type { InvocationRow, InvocationRows } from "./invocation-rows.ts";
import { type Condition, equals, inScope, isUnfiltered, type Lister } from "./listing.ts";
import { toStoredRun, type RunRows } from "./run-rows.ts";
import { haveTags } from "./tags.ts";

export function createInvocations(
  { mutate }: Writer,
  { counts, rows, runRows, list }: { counts: Counts; rows: InvocationRows; runRows: RunRows; list: Lister },
): InvocationStore {
  const create = ({ invocation, targets }: NewInvocation): void => {
    const { invokeId, createdMs, deadlineMs } = invocation;
    const invocationSeq = rows.insert(invocation);
    const latestEndMs = deadlineMs + invocation.timeoutSeconds * 1000;
    for (const { instanceId, run, sentLedgerId } of targets) {
      const ref = { invokeId, instanceId, iteration: 1 };
      runRows.insert({ invocationSeq, ref, createdMs, deadlineMs, latestEndMs, run, sentLedgerId });
    }
    counts.invocationCreated(
      invocationSeq,
      invocation.repeatMode,
      targets.map(({ run }) => run),
    );
    counts.created("invocations", invocation, 1);
    counts.created("runs", invocation, targets.length);
  };

  return {
    create: (invocation, request) => mutate(request, () => create(invocation)),
    find: async (invokeId) => rows.find(invokeId),
    list: async (filter, page) =>
      list({
        select: "i.*",
        from: "invocations AS i",
        alias: "i",
        conditions: toConditions(filter),
        page,
        total: isUnfiltered(filter) ? counts.total("invocations", filter) : undefined,
        toRow: (row: InvocationRow) => ({
          invocation: rows.toInvocation(row),
          runs: runRows
            .listOf(row.invoke_id)
            .filter(
              ({ instance_id: instanceId }) => filter.instanceId === undefined || instanceId === filter.instanceId,
            )
            .map((run) => toStoredRun(run)),
        }),
      }),
  };
}

function toConditions(filter: InvocationFilter): Condition[] {
  const { commandName, instanceId, invokeStatus } = filter;
  return [
    ...inScope("i", filter, isUnfiltered(filter)),
    ...equals({
      "i.invoke_id": filter.invokeId,
      "i.command_id": filter.commandId,
      "i.command_type": filter.commandType,
      "i.repeat_mode": filter.repeatMode,
    }),
    // the second half lets the index on names serve, which leaves the unnamed out
    ...(commandName === undefined ? [] : [{ sql: "i.name = ? AND i.name <> ''", values: [commandName] }]),
    ...(instanceId === undefined
      ? []
      : [{ sql: "i.seq IN (SELECT invocation_seq FROM runs WHERE instance_id = ?)", values: [instanceId] }]),
    ...(invokeStatus === undefined ? [] : [hasStatus(invokeStatus)]),
    ...haveTags("invocation", "i.seq", filter.tags),
  ];
}

/** The words of `InvokeStatus` (api-facts 2.3) mean what that field says; the others the newer `InvocationStatus` (2.2). */
const LEGACY_WORDS = ["Running", "Finished", "Failed", "PartialFailed", "Stopped", "Stopping"];

function hasStatus(invokeStatus: string): Condition {
  const column = LEGACY_WORDS.includes(invokeStatus) ? "legacy_status" : "status";
  return {
    sql: `i.seq IN (SELECT invocation_seq FROM invocation_progress WHERE ${column} = ?)`,
    values: [invokeStatus],
  };
}
