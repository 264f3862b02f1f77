import { ApiError } from "@cloud-assistant/shared/errors";
import { isFinal } from "@cloud-assistant/shared/vocabulary";
import type { Invocation, InvocationChanges, InvocationFilter, InvocationStore, NewInvocation, NewTarget } from "../../store.ts";
import type { Writer } from "../writer.ts";
import type { CommandRows } from "./commands.ts";
import type { Counts, InvocationsOfDay } from "./counts.ts";
import type { InvocationRow, InvocationRows } from "./invocation-rows.ts";
import { type Condition, equals, inGroups, inScope, isUnfiltered, type Lister } from "./listing.ts";
import { toStoredRun, type RunRows } from "./run-rows.ts";
import { haveTags } from "./tags.ts";

type Parts = { counts: Counts; rows: InvocationRows; runRows: RunRows; commandRows: CommandRows; list: Lister };

export function createInvocations({ mutate }: Writer, { counts, rows, runRows, commandRows, list }: Parts): InvocationStore {
  const insertRuns = (invocationSeq: number, invocation: Invocation, targets: readonly NewTarget[], createdMs: number): void => {
    const { invokeId, deadlineMs, timeoutSeconds } = invocation;
    const latestEndMs = deadlineMs + timeoutSeconds * 1000;
    runRows.insert({ invocationSeq, invokeId, iteration: 1, createdMs, deadlineMs, latestEndMs, targets });
    counts.created("runs", invocation, targets.length);
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
    const runs = targets.map(({ run }) => run);
    counts.invocationCreated(invocationSeq, invocation.repeatMode, runs);
    counts.created("invocations", invocation, 1);
    counts.created(dayOf(invocation), invocation, 1);
  };

  const added = (invokeId: string, targets: readonly NewTarget[]): NewTarget[] => {
    const there = new Set(runRows.listOf(invokeId).map(({ instance_id: instanceId }) => instanceId));
    return targets.filter(({ instanceId }) => !there.has(instanceId));
  };

  const checkChanges = (invokeId: string, { targets, maxTargets, keep }: InvocationChanges): void => {
    const runs = runRows.listOf(invokeId);
    if (runs.every((row) => isFinal(row.run.status))) throw new ApiError("InvalidOperation.InvokeAlreadyFinished");
    const instances = new Set([...runs.map(({ instance_id: instanceId }) => instanceId), ...targets.map(({ instanceId }) => instanceId)]);
    if (instances.size > maxTargets) throw new ApiError("InvalidInstanceId.CountLimitExceeded", { values: [maxTargets] });
    if (keep) commandRows.checkRoom(keep);
  };

  const modify = (invokeId: string, { content, targets, keep, ...changes }: InvocationChanges): Invocation => {
    const row = rows.findRow(invokeId) as InvocationRow; // its runs are there
    const was = rows.toInvocation(row);
    const { enableParameter = was.enableParameter, parameters = was.parameters, frequency = was.frequency } = changes;
    const deadlineMs = Math.max(was.deadlineMs, changes.deadlineMs);
    const now = { ...was, ...content, enableParameter, parameters, frequency, deadlineMs, sealedValues: changes.sealedValues, revision: was.revision + 1 };
    if (keep) {
      commandRows.insert(keep.command);
      commandRows.countInvocation(keep.command.commandId);
    }
    rows.update(row.seq, now);
    const more = added(invokeId, targets);
    insertRuns(row.seq, now, more, changes.createdMs);
    counts.runsAdded(
      row.seq,
      more.map(({ run }) => run),
    );
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
            .map(toStoredRun),
        }),
      }),
  };
}

function dayOf({ createdMs }: Invocation): InvocationsOfDay {
  return `invocations of ${new Date(createdMs).toISOString().slice(0, 10)}`;
}

/** `Timed` (api-facts 1.4): repeating, and neither stopped nor over. */
function willRunAgain(timed: boolean): Condition {
  const seqs = `SELECT t.seq FROM invocations AS t JOIN invocation_progress AS p ON p.invocation_seq = t.seq
    WHERE t.repeat_mode <> 'Once' AND t.repeat_mode IN ('Period', 'NextRebootOnly', 'EveryReboot')
      AND p.status IN ('Pending', 'Scheduled', 'Running')`;
  return { sql: `i.seq ${timed ? "IN" : "NOT IN"} (${seqs})`, values: [] };
}

function toConditions(filter: InvocationFilter): Condition[] {
  const { commandName, instanceId, invokeStatus, resourceGroupIds } = filter;
  return [
    ...inScope("i", filter, isUnfiltered(filter)),
    ...equals({
      "i.invoke_id": filter.invokeId,
      "i.command_id": filter.commandId,
      "i.command_type": filter.commandType,
      "i.repeat_mode": filter.repeatMode,
    }),
    ...inGroups("i.resource_group_id", resourceGroupIds),
    ...(filter.timed === undefined ? [] : [willRunAgain(filter.timed)]),
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
