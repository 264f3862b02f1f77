import type { Clock } from "@cloud-assistant/shared/clock";
import { nextRun, type RunEvent } from "../../domain/run.ts";
import type { RunFilter, RunRef, RunStore, StoredRun } from "../store.ts";
import { counter } from "./counters.ts";
import type { GroupCommit } from "./group-commit.ts";
import { findInvocation } from "./invocation-rows.ts";
import { useNonce } from "./nonces.ts";
import { listPage, Where } from "./paging.ts";
import { findRun, RUN_COLUMNS, saveRun, toStoredRun } from "./run-rows.ts";
import type { Row, Statements } from "./statements.ts";

export function runStore(sql: Statements, writes: GroupCommit, clock: Clock): RunStore {
  const applyTo = (was: StoredRun, event: RunEvent, sentLedgerId?: string): StoredRun => {
    const next = nextRun(was.run, event);
    return next === was.run ? was : saveRun(sql, was, next, clock.now(), sentLedgerId);
  };
  const listOf = (invokeId: string): StoredRun[] =>
    sql.rows(`SELECT ${RUN_COLUMNS} FROM runs r WHERE r.invoke_id = ? ORDER BY r.seq`, invokeId).map(toStoredRun);

  return {
    find: async (ref) => findRun(sql, ref),
    listOf: async (invokeId) => listOf(invokeId),
    list: async (filter, page) => {
      const where = toWhere(filter);
      return listPage(
        sql,
        {
          columns: RUN_COLUMNS,
          from: "runs r JOIN invocations v ON v.invoke_id = r.invoke_id",
          seq: "r.seq",
          where,
          toRow: (row: Row) => withInvocation(sql, toStoredRun(row)),
          ...(where.isOnly(1) ? { total: counter(sql, `runs:${filter.regionId}`) } : {}),
        },
        page,
      );
    },
    listOpenOf: async (instanceId) =>
      sql.rows(`SELECT ${RUN_COLUMNS} FROM runs r WHERE r.instance_id = ? AND r.final = 0 ORDER BY r.seq`, instanceId).map(toStoredRun),
    listOverdue: async (atMs, outcomeBoundMs, limit) =>
      sql
        .rows(
          `SELECT ${RUN_COLUMNS} FROM runs r WHERE r.final = 0 AND r.sent = 0 AND r.deadline_ms <= ?
           UNION ALL
           SELECT ${RUN_COLUMNS} FROM runs r WHERE r.final = 0 AND r.sent = 1 AND r.deadline_ms + r.timeout_ms <= ? AND r.deadline_ms <= ?
           LIMIT ?`,
          atMs,
          atMs - outcomeBoundMs,
          atMs - outcomeBoundMs,
          limit,
        )
        .map(toStoredRun),
    apply: (ref, event) =>
      writes.commit(() => {
        const was = findRun(sql, ref);
        return was && applyTo(was, event);
      }),
    stop: (invokeId, instanceIds, atMs, request) =>
      writes.commit(() => {
        useNonce(sql, request);
        const named = instanceIds && new Set(instanceIds);
        return listOf(invokeId)
          .filter(({ instanceId }) => !named || named.has(instanceId))
          .map((run) => applyTo(run, { type: "stopAsked", atMs }));
      }),
    markSent: (ref, ledgerId, atMs) =>
      writes.commit(() => {
        const was = findRun(sql, ref);
        return was && applyTo(was, { type: "sent", atMs }, ledgerId);
      }),
    markTaken: (ref, atMs) => writes.commit(() => markTaken(sql, ref, atMs)),
  };
}

function markTaken(sql: Statements, { invokeId, instanceId, iteration }: RunRef, atMs: number): void {
  sql.run(
    "UPDATE runs SET taken_ms = ? WHERE invoke_id = ? AND instance_id = ? AND iteration = ? AND taken_ms IS NULL",
    atMs,
    invokeId,
    instanceId,
    iteration,
  );
}

function toWhere({ regionId, invokeId, commandId, instanceId, statuses, tags }: RunFilter): Where {
  return new Where()
    .equals("v.region_id", regionId)
    .equals("r.invoke_id", invokeId)
    .equals("v.command_id", commandId)
    .equals("r.instance_id", instanceId)
    .in("r.status", statuses)
    .tagged("invocation", "r.invoke_id", tags);
}

function withInvocation(sql: Statements, run: StoredRun): StoredRun & { invocation: NonNullable<ReturnType<typeof findInvocation>> } {
  const invocation = findInvocation(sql, run.invokeId);
  if (!invocation) throw new Error(`run of ${run.invokeId} has no invocation`);
  return { ...run, invocation };
}
