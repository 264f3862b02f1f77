import { ApiError } from "@cloud-assistant/shared/errors";
import { isFinal } from "@cloud-assistant/shared/vocabulary";
import type { Invocation, InvocationChanges, InvocationStore, NewInvocation, NewTarget } from "../../store.ts";
import type { Writer } from "../writer.ts";
import type { CommandRows } from "./commands.ts";
import type { Counts, InvocationsOfDay } from "./counts.ts";
import type { InvocationRow, InvocationRows } from "./invocation-rows.ts";
import type { KnownTotals } from "./known-totals.ts";
import type { Lister } from "./listing.ts";
import { toStoredRun, type RunRows } from "./run-rows.ts";
import { toWalk } from "./walk.ts";

type Parts = {
  counts: Counts;
  rows: InvocationRows;
  runRows: RunRows;
  commandRows: CommandRows;
  totals: KnownTotals;
  list: Lister;
};

export function createInvocations(
  { mutate }: Writer,
  { counts, rows, runRows, commandRows, totals, list }: Parts,
): InvocationStore {
  const insertRuns = (
    invocationSeq: number,
    invocation: Invocation,
    targets: readonly NewTarget[],
    createdMs: number,
  ): void => {
    const { invokeId, deadlineMs, timeoutSeconds } = invocation;
    const latestEndMs = deadlineMs + timeoutSeconds * 1000;
    runRows.insert({ invocationSeq, invokeId, iteration: 1, createdMs, deadlineMs, latestEndMs, targets });
  };

  const check = ({ invocation, keep, ofKeptCommand, dailyQuota = Infinity }: NewInvocation): void => {
    if (keep) commandRows.checkRoom(keep);
    if (ofKeptCommand) commandRows.checkExists(invocation.commandId);
    if (counts.totalWithin(dayOf(invocation), invocation) >= dailyQuota) throw new ApiError("Invocation.ExceedQuota");
  };

  const create = ({ invocation, targets, keep, ofKeptCommand }: NewInvocation): void => {
    if (keep) commandRows.insert(keep.command);
    if (keep || ofKeptCommand) commandRows.countInvocation(invocation.commandId);
    const invocationSeq = rows.insert(invocation);
    insertRuns(invocationSeq, invocation, targets, invocation.createdMs);
    counts.invocationCreated(invocationSeq, invocation.repeatMode, invocation, targets);
    counts.tagged(invocation, invocation.tags, 1, targets.length);
    counts.created(dayOf(invocation), invocation, 1);
  };

  const added = (invokeId: string, targets: readonly NewTarget[]): NewTarget[] => {
    const there = new Set(runRows.listOf(invokeId).map(({ instance_id: instanceId }) => instanceId));
    return targets.filter(({ instanceId }) => !there.has(instanceId));
  };

  const checkChanges = (invokeId: string, { targets, maxTargets, keep }: InvocationChanges): void => {
    const runs = runRows.listOf(invokeId);
    if (runs.every((row) => isFinal(row.run.status))) throw new ApiError("InvalidOperation.InvokeAlreadyFinished");
    const instances = new Set([
      ...runs.map(({ instance_id: instanceId }) => instanceId),
      ...targets.map(({ instanceId }) => instanceId),
    ]);
    if (instances.size > maxTargets)
      throw new ApiError("InvalidInstanceId.CountLimitExceeded", { values: [maxTargets] });
    if (keep) commandRows.checkRoom(keep);
  };

  const modify = (invokeId: string, { content, targets, keep, ...changes }: InvocationChanges): Invocation => {
    const row = rows.findRow(invokeId) as InvocationRow; // its runs are there
    const was = rows.toInvocation(row);
    const { enableParameter = was.enableParameter, parameters = was.parameters, frequency = was.frequency } = changes;
    const deadlineMs = Math.max(was.deadlineMs, changes.deadlineMs);
    const now = {
      ...was,
      ...content,
      enableParameter,
      parameters,
      frequency,
      deadlineMs,
      sealedValues: changes.sealedValues,
      revision: was.revision + 1,
    };
    if (keep) {
      commandRows.insert(keep.command);
      commandRows.countInvocation(keep.command.commandId);
    }
    rows.update(row.seq, now);
    const more = added(invokeId, targets);
    insertRuns(row.seq, now, more, changes.createdMs);
    counts.hostsAdded(row.seq, more);
    counts.created("runs", now, more.length);
    counts.tagged(now, now.tags, 0, more.length);
    return now;
  };

  return {
    create: (invocation, request) =>
      mutate(
        request,
        () => create(invocation),
        () => check(invocation),
      ),
    modify: (invokeId, changes, request) =>
      mutate(
        request,
        () => modify(invokeId, changes),
        () => checkChanges(invokeId, changes),
      ),
    find: async (invokeId) => rows.find(invokeId),
    list: async (filter, page) =>
      list({
        select: "i.*",
        ...toWalk(filter),
        page,
        total: totals.ofInvocations(filter),
        toRow: (row: InvocationRow) => ({
          invocation: rows.toInvocation(row),
          runs: runRows
            .listOf(row.invoke_id)
            .filter(
              ({ instance_id: instanceId }) => filter.instanceId === undefined || instanceId === filter.instanceId,
            )
            .map(toStoredRun),
        }),
      }),
  };
}

function dayOf({ createdMs }: Invocation): InvocationsOfDay {
  return `invocations of ${new Date(createdMs).toISOString().slice(0, 10)}`;
}
