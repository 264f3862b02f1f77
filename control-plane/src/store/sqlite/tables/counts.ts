import { isFinal, type RepeatMode, type RunStatus } from "@cloud-assistant/shared/vocabulary";
import { legacyOverallStatus, overallStatus } from "../../../domain/invocation-status.ts";
import { isFinalRun, type Run } from "../../../domain/run.ts";
import type { Scope } from "../../store.ts";
import type { Db } from "../database.ts";

export type Counted = "invocations" | "runs" | "activations" | "instances" | "commands" | InvocationsOfDay;
/** A counter for each day (UTC, `yyyy-MM-dd`), for the daily quota. */
export type InvocationsOfDay = `invocations of ${string}`;
type Progress = { readonly repeatMode: RepeatMode; readonly runsIn: Map<RunStatus, number> };
/** Invocations under way whose progress is kept in memory; beyond it it is read again. */
const MAX_OPEN = 1_000;
type InstanceDelta = { active: number; finished: number; startedMs: number };

/**
 * What is counted over many rows. Entries of a transaction add to sums in memory; `settle` writes each touched counter
 * once, before the commit, so that a thousand runs of one invocation cost one update of its progress in a flush.
 */
export type Counts = ReturnType<typeof createCounts>;

export function createCounts(db: Db) {
  const addTotal = db.prepare<[string, string, string, number]>(
    "INSERT INTO totals VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET total = total + excluded.total",
  );
  const selectTotal = db
    .prepare<[string, string, string], number>(
      "SELECT total FROM totals WHERE counted = ? AND account_id = ? AND region_id = ?",
    )
    .pluck();
  const selectTotalOfAll = db.prepare<[string], number>("SELECT sum(total) FROM totals WHERE counted = ?").pluck();
  const insertProgress = db.prepare<[number, RepeatMode, string, string, string]>(
    "INSERT INTO invocation_progress VALUES (?, ?, ?, ?, ?)",
  );
  const selectProgress = db
    .prepare<[number], [RepeatMode, string]>(
      "SELECT repeat_mode, runs_in FROM invocation_progress WHERE invocation_seq = ?",
    )
    .raw();
  const updateProgress = db.prepare<[string, string, string, number]>(
    "UPDATE invocation_progress SET status = ?, legacy_status = ?, runs_in = ? WHERE invocation_seq = ?",
  );
  const updateInstance = db.prepare<[number, number, number, string]>(
    `UPDATE instance_counts SET active_count = active_count + ?, invocation_count = invocation_count + ?,
      last_invoked_ms = nullif(max(coalesce(last_invoked_ms, 0), ?), 0) WHERE instance_id = ?`,
  );

  /** By `keyOf`. */
  const totals = new Map<string, number>();
  const progress = new Map<number, Map<RunStatus, number>>();
  /** As the transaction has it; this process is the only writer. */
  const open = new Map<number, Progress>();
  const instances = new Map<string, InstanceDelta>();

  const settleProgress = (invocationSeq: number, deltas: ReadonlyMap<RunStatus, number>): void => {
    const { repeatMode, runsIn } = open.get(invocationSeq) ?? read(invocationSeq);
    for (const [status, delta] of deltas) add(runsIn, status, delta);
    const present = presentStatuses(runsIn);
    updateProgress.run(overallStatus(present), legacyOverallStatus(present, repeatMode), toJson(runsIn), invocationSeq);
    if (present.every(isFinal)) open.delete(invocationSeq);
  };
  const read = (invocationSeq: number): Progress => {
    const row = selectProgress.get(invocationSeq);
    if (!row) throw new Error(`invocation ${invocationSeq} has no progress`);
    return { repeatMode: row[0], runsIn: new Map(Object.entries(JSON.parse(row[1])) as [RunStatus, number][]) };
  };

  return {
    total: (counted: Counted, { accountId, regionId }: Scope): number => selectTotal.get(counted, accountId, regionId) ?? 0,
    /** Over all accounts and regions. */
    totalOfAll: (counted: Counted): number => selectTotalOfAll.get(counted) ?? 0,
    /** With what earlier entries of the same transaction have added. */
    totalWithin: (counted: Counted, { accountId, regionId }: Scope): number =>
      (selectTotal.get(counted, accountId, regionId) ?? 0) + (totals.get(keyOf(counted, accountId, regionId)) ?? 0),
    /** Runs of an invocation that has some already. */
    runsAdded: (invocationSeq: number, runs: readonly Run[]): void => {
      const deltas = progress.get(invocationSeq) ?? new Map<RunStatus, number>();
      progress.set(invocationSeq, deltas);
      for (const { status } of runs) add(deltas, status, 1);
    },
    created: (counted: Counted, { accountId, regionId }: Scope, rows: number): void => add(totals, keyOf(counted, accountId, regionId), rows),
    invocationCreated: (invocationSeq: number, repeatMode: RepeatMode, runs: readonly Run[]): void => {
      const runsIn = new Map<RunStatus, number>();
      for (const { status } of runs) add(runsIn, status, 1);
      open.set(invocationSeq, { repeatMode, runsIn });
      const present = presentStatuses(runsIn);
      insertProgress.run(
        invocationSeq,
        repeatMode,
        overallStatus(present),
        legacyOverallStatus(present, repeatMode),
        toJson(runsIn),
      );
    },
    runMoved: (invocationSeq: number, instanceId: string, from: Run, to: Run): void => {
      if (from.status !== to.status) {
        const deltas = progress.get(invocationSeq) ?? new Map<RunStatus, number>();
        progress.set(invocationSeq, deltas);
        add(deltas, from.status, -1);
        add(deltas, to.status, 1);
      }
      const delta = instances.get(instanceId) ?? { active: 0, finished: 0, startedMs: 0 };
      instances.set(instanceId, delta);
      delta.active += Number(isActive(to)) - Number(isActive(from));
      const startedMs = startOf(to);
      if (startedMs !== undefined) {
        delta.startedMs = Math.max(delta.startedMs, startedMs);
        delta.finished += Number(isFinalRun(to));
      }
    },
    settle: (): void => {
      for (const [key, delta] of totals) addTotal.run(...partsOf(key), delta);
      for (const [invocationSeq, deltas] of progress) settleProgress(invocationSeq, deltas);
      for (const [instanceId, { active, finished, startedMs }] of instances)
        updateInstance.run(active, finished, startedMs, instanceId);
      clear();
      for (const [invocationSeq] of open) {
        if (open.size <= MAX_OPEN) break;
        open.delete(invocationSeq);
      }
    },
    forget: () => {
      clear();
      open.clear();
    },
  };

  function clear(): void {
    totals.clear();
    progress.clear();
    instances.clear();
  }
}

/** What is counted, account and region in one text: parts of ids and names have no line feed. */
function keyOf(counted: Counted, accountId: string, regionId: string): string {
  return `${counted}\n${accountId}\n${regionId}`;
}

function partsOf(key: string): [string, string, string] {
  const [counted = "", accountId = "", regionId = ""] = key.split("\n");
  return [counted, accountId, regionId];
}

function add<K>(sums: Map<K, number>, key: K, delta: number): void {
  sums.set(key, (sums.get(key) ?? 0) + delta);
}

/** "ActiveTaskCount: tasks running now" (api-facts, DescribeCloudAssistantStatus). */
function isActive(run: Run): boolean {
  return run.status === "Running" || run.status === "Stopping";
}

/** Undefined for a run that never ran, which is no finished task either. */
function startOf(run: Run): number | undefined {
  return "startedMs" in run ? run.startedMs : undefined;
}

function presentStatuses(runsIn: ReadonlyMap<RunStatus, number>): RunStatus[] {
  return [...runsIn].filter(([, runs]) => runs > 0).map(([status]) => status);
}

function toJson(runsIn: ReadonlyMap<RunStatus, number>): string {
  return JSON.stringify(Object.fromEntries([...runsIn].filter(([, runs]) => runs > 0)));
}
