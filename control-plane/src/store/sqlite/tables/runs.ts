import type { Clock } from "@cloud-assistant/shared/clock";
import { nextRun, type Run, type RunEvent } from "../../../domain/run.ts";
import type { Invocation, RunRef, RunStore, StoredRun } from "../../store.ts";
import type { Writer } from "../writer.ts";
import type { Counts } from "./counts.ts";
import type { InvocationRows } from "./invocation-rows.ts";
import type { KnownTotals } from "./known-totals.ts";
import type { Lister } from "./listing.ts";
import { toRunWalk } from "./run-walk.ts";
import { toRow, toStoredRun, type RunRow, type RunRows } from "./run-rows.ts";
import { RUN_SELECT, type RawRunRow } from "./run-statements.ts";

type Parts = {
  clock: Clock;
  counts: Counts;
  rows: RunRows;
  invocationRows: InvocationRows;
  totals: KnownTotals;
  list: Lister;
};

/** Besides the store's: for a transaction that changes more than runs. */
export type Runs = RunStore & { readonly applyToOpenRuns: (instanceId: string, event: RunEvent) => StoredRun[] };

export function createRuns(
  { write, mutate }: Writer,
  { clock, counts, rows, invocationRows, totals, list }: Parts,
): Runs {
  /** Sees what earlier entries of the same transaction wrote. `ledgerId` is kept when the event is what made the run sent. */
  const applyTo = (row: RunRow, event: RunEvent, ledgerId?: string): StoredRun => {
    const from = row.run;
    // the host has acknowledged the order, so whoever believes that it never left is wrong
    const to = event.type === "unsent" && row.taken_ms !== null ? from : nextRun(from, event);
    if (to === from) return toStoredRun(row);
    const sentLedgerId = event.type === "unsent" ? null : (ledgerId ?? row.sent_ledger_id);
    rows.move(row, to, clock.now(), sentLedgerId);
    counts.runMoved(row, from, to);
    return toStoredRun(row);
  };

  const insertNext = (ref: RunRef, atMs: number): StoredRun | undefined => {
    const { invokeId, instanceId, iteration } = ref;
    const before = rows.openLatest(invokeId, instanceId);
    const there = before && rows.find(ref);
    if (there || !before) return there && toStoredRun(there);
    const invocationSeq = before.invocation_seq;
    const invocation = invocationRows.get(invocationSeq);
    const run: Run = { status: "Pending", deadlineMs: atMs, sentMs: atMs };
    const latest = iteration > before.iteration;
    if (latest) {
      rows.supersede(before);
      counts.runFollowed(invocationSeq, before.run, run);
    }
    counts.created("past runs", invocation, 1);
    const latestEndMs = atMs + invocation.timeoutSeconds * 1000;
    const target = { instanceId, run, ...(before.sent_ledger_id !== null && { sentLedgerId: before.sent_ledger_id }) };
    rows.insert({
      invocationSeq,
      invokeId,
      iteration,
      createdMs: atMs,
      deadlineMs: atMs,
      latestEndMs,
      targets: [target],
      latest,
    });
    return toStoredRun(rows.find(ref) as RunRow); // just written
  };

  return {
    applyToOpenRuns: (instanceId, event) => rows.openUnfinishedOf(instanceId).map((row) => applyTo(row, event)),
    find: async (ref) => {
      const row = rows.find(ref);
      return row && toStoredRun(row);
    },
    listOf: async (invokeId) => rows.listOf(invokeId).map(toStoredRun),
    listTargets: async (invokeId, iteration) => rows.listTargets(invokeId, iteration),
    list: async (filter, page) => {
      const invocationOf = rememberInvocations(invocationRows);
      return list({
        select: RUN_SELECT,
        ...toRunWalk(filter),
        page,
        total: totals.ofRuns(filter),
        toRow: (raw: RawRunRow) => ({ ...toStoredRun(toRow(raw)), invocation: invocationOf(raw.invocation_seq) }),
      });
    },
    insertNext: (ref, atMs) => write(() => insertNext(ref, atMs)),
    listOpenOf: async (instanceId) => rows.listOpenOf(instanceId).map(toStoredRun),
    listOverdue: async (atMs, outcomeBoundMs, limit) => {
      const waiting = rows.listWaiting(atMs, limit);
      const out = rows.listOut(atMs - outcomeBoundMs, limit - waiting.length);
      return [...waiting, ...out].map(toStoredRun);
    },
    apply: (ref, event, afterBytes = 0) =>
      write(() => {
        const row = rows.open(ref);
        return row && (row.output_bytes < afterBytes ? toStoredRun(row) : applyTo(row, event));
      }),
    stop: (invokeId, instanceIds, atMs, request) =>
      mutate(request, () => {
        const wanted = instanceIds && new Set(instanceIds);
        const named = rows.openAllOf(invokeId).filter((row) => wanted?.has(row.instance_id) ?? true);
        return named.map((row) => applyTo(row, { type: "stopAsked", atMs }));
      }),
    markSent: (ref, ledgerId, atMs) =>
      write(() => {
        const row = rows.open(ref);
        if (!row) return undefined;
        return row.run.status === "Pending" ? applyTo(row, { type: "sent", atMs }, ledgerId) : toStoredRun(row);
      }),
    markTaken: (ref, atMs) =>
      write(() => {
        const row = rows.open(ref);
        if (row) rows.take(row, atMs);
      }),
  };
}

/** Runs of a page often belong to one invocation, whose content may be large. */
function rememberInvocations(rows: InvocationRows): (seq: number) => Invocation {
  const known = new Map<number, Invocation>();
  return (seq) => {
    const invocation = known.get(seq) ?? rows.get(seq);
    known.set(seq, invocation);
    return invocation;
  };
}
