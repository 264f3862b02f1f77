import { isFinal, type RepeatMode, type RunStatus } from "@cloud-assistant/shared/vocabulary";
import {
  legacyOverallStatus,
  overallStatus,
  type InvocationStatus,
  type LegacyStatus,
} from "../../../domain/invocation-status.ts";
import { isFinalRun, type Run } from "../../../domain/run.ts";
import type { Scope, Tag } from "../../store.ts";
import type { Db } from "../database.ts";

/** Of runs only the latest of each host counts, but for "past runs": those that a later one of the same host has followed. */
export type Counted =
  | "invocations"
  | "runs"
  | "past runs"
  | "activations"
  | "instances"
  | "commands"
  | InvocationsOfDay
  | `invocations in ${string}`
  | `invocations shown as ${string}`
  | `runs in ${RunStatus}`
  | Tagged;
/** A counter for each day (UTC, `yyyy-MM-dd`), for the daily quota. */
export type InvocationsOfDay = `invocations of ${string}`;
type Tagged = `${"invocations" | "runs"} tagged ${string}`;
type Progress = { readonly repeatMode: RepeatMode; readonly scope: Scope; readonly runsIn: Map<RunStatus, number> };
/** Invocations under way whose progress is kept in memory; beyond it it is read again. */
const MAX_OPEN = 1_000;
type InstanceDelta = { active: number; finished: number; startedMs: number; listed: number };

/** JSON has no line feed. */
export function taggedOf(what: "invocations" | "runs", { key, value }: Tag): Tagged {
  return `${what} tagged ${JSON.stringify([key, value])}`;
}

/**
 * What is counted over many rows. Entries of a transaction add to sums in memory; `settle` writes each touched counter
 * once, before the commit, so that a thousand runs of one invocation cost one update of its progress in a flush.
 */
export type Counts = ReturnType<typeof createCounts>;

export function createCounts(db: Db) {
  const addTotal = db.prepare<[string, string, string, number]>(
    "INSERT INTO totals VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET total = total + excluded.total",
  );
  const removeEmptyTotal = db.prepare<[string, string, string]>(
    "DELETE FROM totals WHERE counted = ? AND account_id = ? AND region_id = ? AND total = 0",
  );
  const selectTotal = db
    .prepare<[string, string, string], number>(
      "SELECT total FROM totals WHERE counted = ? AND account_id = ? AND region_id = ?",
    )
    .pluck();
  const insertProgress = db.prepare<[number, RepeatMode, string, string, string]>(
    "INSERT INTO invocation_progress VALUES (?, ?, ?, ?, ?)",
  );
  const selectProgress = db.prepare<
    [number],
    { repeatMode: RepeatMode; accountId: string; regionId: string; runsIn: string }
  >(
    `SELECT p.repeat_mode AS repeatMode, i.account_id AS accountId, i.region_id AS regionId, p.runs_in AS runsIn
      FROM invocation_progress AS p JOIN invocations AS i ON i.seq = p.invocation_seq WHERE p.invocation_seq = ?`,
  );
  const removeProgress = db.prepare<[number]>("DELETE FROM invocation_progress WHERE invocation_seq = ?");
  const updateProgress = db.prepare<[string, string, string, number]>(
    "UPDATE invocation_progress SET status = ?, legacy_status = ?, runs_in = ? WHERE invocation_seq = ?",
  );
  const updateInstance = db.prepare<[number, number, number, number, string]>(
    `UPDATE instance_counts SET active_count = active_count + ?, invocation_count = invocation_count + ?,
      listed_count = listed_count + ?, last_invoked_ms = nullif(max(coalesce(last_invoked_ms, 0), ?), 0) WHERE instance_id = ?`,
  );

  /** By `keyOf`. */
  const totals = new Map<string, number>();
  const progress = new Map<number, Map<RunStatus, number>>();
  /** As the transaction has it; this process is the only writer. */
  const open = new Map<number, Progress>();
  const instances = new Map<string, InstanceDelta>();

  const settleProgress = (invocationSeq: number, deltas: ReadonlyMap<RunStatus, number>): void => {
    const { repeatMode, scope, runsIn } = open.get(invocationSeq) ?? read(invocationSeq);
    const before = toStatuses(repeatMode, runsIn);
    for (const [status, delta] of deltas) {
      add(runsIn, status, delta);
      created(`runs in ${status}`, scope, delta);
    }
    const now = toStatuses(repeatMode, runsIn);
    countStatuses(before, scope, -1);
    countStatuses(now, scope, 1);
    updateProgress.run(now.status, now.legacyStatus, toJson(runsIn), invocationSeq);
    if (presentStatuses(runsIn).every(isFinal)) open.delete(invocationSeq);
  };
  const read = (invocationSeq: number): Progress => {
    const row = selectProgress.get(invocationSeq);
    if (!row) throw new Error(`invocation ${invocationSeq} has no progress`);
    const { repeatMode, accountId, regionId, runsIn } = row;
    return {
      repeatMode,
      scope: { accountId, regionId },
      runsIn: new Map(Object.entries(JSON.parse(runsIn)) as [RunStatus, number][]),
    };
  };
  const settleTotal = (key: string, delta: number): void => {
    if (delta === 0) return;
    const parts = partsOf(key);
    addTotal.run(...parts, delta);
    if (delta < 0) removeEmptyTotal.run(...parts);
  };
  const created = (counted: Counted, { accountId, regionId }: Scope, rows: number): void =>
    add(totals, keyOf(counted, accountId, regionId), rows);
  const countStatuses = ({ status, legacyStatus }: Statuses, scope: Scope, invocations: number): void => {
    created(`invocations in ${status}`, scope, invocations);
    created(`invocations shown as ${legacyStatus}`, scope, invocations);
  };
  const countInvocation = (
    scope: Scope,
    statuses: Statuses,
    runsIn: ReadonlyMap<RunStatus, number>,
    times: 1 | -1,
  ): void => {
    created("invocations", scope, times);
    countStatuses(statuses, scope, times);
    for (const [status, runs] of runsIn) {
      created("runs", scope, times * runs);
      created(`runs in ${status}`, scope, times * runs);
    }
  };
  const countRuns = (invocationSeq: number, status: RunStatus, runs: number): void => {
    const deltas = progress.get(invocationSeq) ?? new Map<RunStatus, number>();
    progress.set(invocationSeq, deltas);
    add(deltas, status, runs);
  };
  const deltaOf = (instanceId: string): InstanceDelta => {
    const delta = instances.get(instanceId) ?? { active: 0, finished: 0, startedMs: 0, listed: 0 };
    instances.set(instanceId, delta);
    return delta;
  };

  return {
    total: (counted: Counted, { accountId, regionId }: Scope): number =>
      selectTotal.get(counted, accountId, regionId) ?? 0,
    /** With what earlier entries of the same transaction have added. */
    totalWithin: (counted: Counted, { accountId, regionId }: Scope): number =>
      (selectTotal.get(counted, accountId, regionId) ?? 0) + (totals.get(keyOf(counted, accountId, regionId)) ?? 0),
    created,
    /** Tags of one invocation, and with them its latest runs. */
    tagged: (scope: Scope, tags: readonly Tag[], invocations: number, runs: number): void => {
      for (const tag of tags) {
        created(taggedOf("invocations", tag), scope, invocations);
        created(taggedOf("runs", tag), scope, runs);
      }
    },
    invocationCreated: (
      invocationSeq: number,
      repeatMode: RepeatMode,
      scope: Scope,
      targets: readonly Target[],
    ): void => {
      const runsIn = new Map<RunStatus, number>();
      for (const { run } of targets) add(runsIn, run.status, 1);
      open.set(invocationSeq, { repeatMode, scope, runsIn });
      const { status, legacyStatus } = toStatuses(repeatMode, runsIn);
      insertProgress.run(invocationSeq, repeatMode, status, legacyStatus, toJson(runsIn));
      countInvocation(scope, { status, legacyStatus }, runsIn, 1);
      for (const { instanceId } of targets) deltaOf(instanceId).listed++;
    },
    /** With its progress; its runs were on these hosts. */
    invocationRemoved: (invocationSeq: number, instanceIds: readonly string[]): void => {
      const { repeatMode, scope, runsIn } = read(invocationSeq);
      removeProgress.run(invocationSeq);
      countInvocation(scope, toStatuses(repeatMode, runsIn), runsIn, -1);
      for (const instanceId of instanceIds) deltaOf(instanceId).listed--;
    },
    /** More hosts of an invocation that has some already. */
    hostsAdded: (invocationSeq: number, targets: readonly Target[]): void => {
      for (const { instanceId, run } of targets) {
        countRuns(invocationSeq, run.status, 1);
        deltaOf(instanceId).listed++;
      }
    },
    /** A run has taken the place of the host's run before. */
    runFollowed: (invocationSeq: number, before: Run, now: Run): void => {
      countRuns(invocationSeq, before.status, -1);
      countRuns(invocationSeq, now.status, 1);
    },
    runMoved: (
      { invocation_seq: invocationSeq, instance_id: instanceId, latest }: MovedRun,
      from: Run,
      to: Run,
    ): void => {
      if (from.status !== to.status && latest === 1) {
        countRuns(invocationSeq, from.status, -1);
        countRuns(invocationSeq, to.status, 1);
      }
      const delta = deltaOf(instanceId);
      delta.active += Number(isActive(to)) - Number(isActive(from));
      const startedMs = startOf(to);
      if (startedMs !== undefined) {
        delta.startedMs = Math.max(delta.startedMs, startedMs);
        delta.finished += Number(isFinalRun(to));
      }
    },
    settle: (): void => {
      for (const [invocationSeq, deltas] of progress) settleProgress(invocationSeq, deltas);
      for (const [key, delta] of totals) settleTotal(key, delta);
      for (const [instanceId, { active, finished, listed, startedMs }] of instances)
        updateInstance.run(active, finished, listed, startedMs, instanceId);
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

type Statuses = { readonly status: InvocationStatus; readonly legacyStatus: LegacyStatus };
type Target = { readonly instanceId: string; readonly run: Pick<Run, "status"> };
type MovedRun = { readonly invocation_seq: number; readonly instance_id: string; readonly latest: number };

function toStatuses(repeatMode: RepeatMode, runsIn: ReadonlyMap<RunStatus, number>): Statuses {
  const present = presentStatuses(runsIn);
  return { status: overallStatus(present), legacyStatus: legacyOverallStatus(present, repeatMode) };
}

function presentStatuses(runsIn: ReadonlyMap<RunStatus, number>): RunStatus[] {
  return [...runsIn].filter(([, runs]) => runs > 0).map(([status]) => status);
}

function toJson(runsIn: ReadonlyMap<RunStatus, number>): string {
  return JSON.stringify(Object.fromEntries([...runsIn].filter(([, runs]) => runs > 0)));
}
