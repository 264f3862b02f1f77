import type { Clock } from "@cloud-assistant/shared/clock";
import { nextRun, type RunEvent } from "../../../domain/run.ts";
import type { Invocation, RunFilter, RunStore, StoredRun } from "../../store.ts";
import type { Writer } from "../writer.ts";
import type { Counts } from "./counts.ts";
import type { InvocationRows } from "./invocation-rows.ts";
import { type Condition, equals, inGroups, inScope, isOneOf, isUnfiltered, type Lister } from "./listing.ts";
import { toRow, toStoredRun, type RunRow, type RunRows } from "./run-rows.ts";
import { RUN_SELECT, type RawRunRow } from "./run-statements.ts";
import { haveTags } from "./tags.ts";

type Parts = { clock: Clock; counts: Counts; rows: RunRows; invocationRows: InvocationRows; list: Lister };

// CROSS JOIN keeps the order: newest runs first, or those an index of `runs` gives
const FROM_RUNS = "runs AS r CROSS JOIN invocations AS i ON i.seq = r.invocation_seq";
/** All of an account, sorted. */
const FROM_INVOCATIONS = "invocations AS i CROSS JOIN runs AS r ON r.invoke_id = i.invoke_id";
/** One run in so many is this account's. */
const RARE = 8;

/** Besides the store's: for a transaction that changes more than runs. */
export type Runs = RunStore & { readonly applyToOpenRuns: (instanceId: string, event: RunEvent) => StoredRun[] };

export function createRuns({ write, mutate }: Writer, { clock, counts, rows, invocationRows, list }: Parts): Runs {
  /** Sees what earlier entries of the same transaction wrote. `ledgerId` is kept when the event is what made the run sent. */
  const applyTo = (row: RunRow, event: RunEvent, ledgerId?: string): StoredRun => {
    const from = row.run;
    // the host has acknowledged the order, so whoever believes that it never left is wrong
    const to = event.type === "unsent" && row.taken_ms !== null ? from : nextRun(from, event);
    if (to === from) return toStoredRun(row);
    const sentLedgerId = event.type === "unsent" ? null : (ledgerId ?? row.sent_ledger_id);
    rows.move(row, to, clock.now(), sentLedgerId);
    counts.runMoved(row.invocation_seq, row.instance_id, from, to);
    return toStoredRun(row);
  };

  /** Whether a walk over the newest runs of everybody would find those of this account late, and nothing else leads to them. */
  const isRare = (filter: RunFilter): boolean => {
    const { invokeId, commandId, instanceId, tags } = filter;
    const named = [invokeId, commandId, instanceId].some((id) => id !== undefined) || tags.length > 0;
    return !named && counts.total("runs", filter) * RARE < counts.totalOfAll("runs");
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
        from: isRare(filter) ? FROM_INVOCATIONS : FROM_RUNS,
        alias: "r",
        conditions: toConditions(filter, isRare(filter)),
        page,
        total: isUnfiltered(filter) ? counts.total("runs", filter) : undefined,
        toRow: (raw: RawRunRow) => ({ ...toStoredRun(toRow(raw)), invocation: invocationOf(raw.invocation_seq) }),
      });
    },
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

function toConditions(filter: RunFilter, byScope: boolean): Condition[] {
  const { invokeId, commandId, instanceId, resourceGroupIds, statuses, tags } = filter;
  return [
    ...inScope("i", filter, byScope),
    ...equals({ "r.invoke_id": invokeId, "r.instance_id": instanceId }),
    ...(commandId === undefined
      ? []
      : [{ sql: "r.invoke_id IN (SELECT invoke_id FROM invocations WHERE command_id = ?)", values: [commandId] }]),
    ...inGroups("i.resource_group_id", resourceGroupIds),
    ...(statuses === undefined ? [] : [isOneOf("r.status", statuses)]),
    ...haveTags("invocation", "r.invocation_seq", tags),
  ];
}
