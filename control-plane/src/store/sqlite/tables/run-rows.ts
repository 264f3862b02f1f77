import { isFinalRun, type Run } from "../../../domain/run.ts";
import type { NewInvocation, RunRef, StoredRun } from "../../store.ts";
import type { Db } from "../database.ts";
import { createRunStatements, type RawRunRow } from "./run-statements.ts";

/** A row to read from; only `RunRows` changes one. */
export type RunRow = Omit<RawRunRow, "state"> & { run: Run; storedPhase: Phase };
export type NewRuns = {
  readonly invocationSeq: number;
  readonly invokeId: string;
  readonly iteration: number;
  readonly createdMs: number;
  readonly deadlineMs: number;
  readonly latestEndMs: number;
  readonly targets: NewInvocation["targets"];
  /** False: a later one is there already. */
  readonly latest?: boolean;
};

/** Rows kept open: those of the runs under way, for the most part; beyond it they are read again. About 1 KB each. */
const MAX_OPEN = 10_000;

type Phase = "waiting" | "out" | "over";
/** See `runs.phase` in the schema. */
function phaseOf(run: Run): Phase {
  if (isFinalRun(run)) return "over";
  return run.status === "Pending" && run.sentMs === undefined ? "waiting" : "out";
}

export type RunRows = ReturnType<typeof createRunRows>;

/**
 * The rows of runs under way stay open in memory (this process is the only writer, see `lockDirectory`), so that an event
 * costs no read; and all events of a run in one transaction change its row once, in `settle`. A transaction that is rolled
 * back takes all open rows with it (`forget`).
 */
export function createRunRows(db: Db) {
  const {
    insert,
    select,
    selectOf,
    selectLatest,
    supersede,
    selectTargets,
    selectOpenOf,
    selectWaiting,
    selectOut,
    update,
    updateWithPhase,
  } = createRunStatements(db);

  const open = new Map<string, RunRow>();
  const changed = new Set<RunRow>();
  /** Open, but over: closed again with the transaction. */
  const leaving = new Set<RunRow>();

  const keep = (row: RunRow): RunRow => {
    open.set(nameOf(row.invoke_id, row.instance_id, row.iteration), row);
    if (row.storedPhase === "over") leaving.add(row);
    return row;
  };
  const find = (ref: RunRef): RunRow | undefined => {
    const known = open.get(nameOf(ref.invokeId, ref.instanceId, ref.iteration));
    if (known) return known;
    const raw = select.get(ref.invokeId, ref.instanceId, ref.iteration);
    return raw && toRow(raw);
  };
  const adopt = (raw: RawRunRow): RunRow =>
    open.get(nameOf(raw.invoke_id, raw.instance_id, raw.iteration)) ?? keep(toRow(raw));
  const write = (row: RunRow): void => {
    const phase = phaseOf(row.run);
    const { updated_ms, revision, taken_ms, sent_ledger_id, output_bytes, stored_bytes, seq } = row;
    const state = JSON.stringify(row.run);
    const { status } = row.run;
    if (phase === row.storedPhase)
      update.run(status, state, updated_ms, revision, taken_ms, sent_ledger_id, output_bytes, stored_bytes, seq);
    else
      updateWithPhase.run(
        status,
        state,
        updated_ms,
        revision,
        taken_ms,
        sent_ledger_id,
        output_bytes,
        stored_bytes,
        phase,
        seq,
      );
    row.storedPhase = phase;
    if (phase === "over") leaving.add(row);
  };
  const settle = (): void => {
    for (const row of changed) write(row);
    changed.clear();
    for (const { invoke_id, instance_id, iteration } of leaving) open.delete(nameOf(invoke_id, instance_id, iteration));
    leaving.clear();
    for (const [name] of open) {
      if (open.size <= MAX_OPEN) break;
      open.delete(name);
    }
  };

  return {
    /** In the order of `targets`; those whose orders are about to leave stay open. */
    insert: (runs: NewRuns): void => {
      const { invocationSeq, invokeId, iteration, createdMs, deadlineMs, latestEndMs, latest = true } = runs;
      for (const { instanceId, run, sentLedgerId = null } of runs.targets) {
        const phase = phaseOf(run);
        const state = JSON.stringify(run);
        const { lastInsertRowid } = insert.run(
          invocationSeq,
          invokeId,
          instanceId,
          iteration,
          createdMs,
          createdMs,
          run.status,
          state,
          phase,
          deadlineMs,
          latestEndMs,
          sentLedgerId,
          Number(latest),
        );
        if (phase === "waiting") continue;
        keep({
          seq: Number(lastInsertRowid),
          invocation_seq: invocationSeq,
          invoke_id: invokeId,
          instance_id: instanceId,
          iteration,
          created_ms: createdMs,
          updated_ms: createdMs,
          revision: 0,
          taken_ms: null,
          sent_ledger_id: sentLedgerId,
          output_bytes: 0,
          stored_bytes: 0,
          latest: Number(latest),
          run,
          storedPhase: phase,
        });
      }
    },
    find,
    /** To change it: within a transaction only, which then has but this one row of the run. */
    open: (ref: RunRef): RunRow | undefined => {
      const row = find(ref);
      return row && keep(row);
    },
    /** To change it; undefined: the host has no run of the invocation. */
    openLatest: (invokeId: string, instanceId: string): RunRow | undefined => {
      settle();
      const raw = selectLatest.get(instanceId, invokeId);
      return raw && adopt(raw);
    },
    supersede: (row: RunRow): void => {
      supersede.run(row.seq);
      row.latest = 0;
    },
    /** The latest of each host, to change them, in the order of their creation. */
    openAllOf: (invokeId: string): RunRow[] => {
      settle();
      return selectOf.all(invokeId).map(adopt);
    },
    /** All of the host that are not over, to change them, oldest first. */
    openUnfinishedOf: (instanceId: string): RunRow[] => {
      settle();
      return selectOpenOf.all(instanceId).map(adopt);
    },
    listOf: (invokeId: string): RunRow[] => selectOf.all(invokeId).map(toRow),
    listTargets: (invokeId: string, iteration: number): string[] => selectTargets.all(invokeId, iteration),
    listOpenOf: (instanceId: string): RunRow[] => selectOpenOf.all(instanceId).map(toRow),
    listWaiting: (deadlineMs: number, limit: number): RunRow[] => selectWaiting.all(deadlineMs, limit).map(toRow),
    listOut: (latestEndMs: number, limit: number): RunRow[] => selectOut.all(latestEndMs, limit).map(toRow),
    move: (row: RunRow, run: Run, atMs: number, sentLedgerId: string | null): void => {
      row.run = run;
      row.updated_ms = atMs;
      row.sent_ledger_id = sentLedgerId;
      row.revision++;
      changed.add(row);
    },
    take: (row: RunRow, atMs: number): void => {
      if (row.taken_ms !== null) return;
      row.taken_ms = atMs;
      changed.add(row);
    },
    grow: (row: RunRow, outputBytes: number, storedBytes: number): void => {
      row.output_bytes = outputBytes;
      row.stored_bytes = storedBytes;
      changed.add(row);
    },
    settle,
    forget: (): void => {
      open.clear();
      changed.clear();
      leaving.clear();
    },
  };
}

function nameOf(invokeId: string, instanceId: string, iteration: number): string {
  return `${invokeId} ${instanceId} ${iteration}`;
}

export function toRow({ state, ...row }: RawRunRow): RunRow {
  const run = JSON.parse(state) as Run; // written by `insert` and `write` alone
  return { ...row, run, storedPhase: phaseOf(run) };
}

export function toStoredRun(row: RunRow): StoredRun {
  return {
    invokeId: row.invoke_id,
    iteration: row.iteration,
    instanceId: row.instance_id,
    seq: row.seq,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    run: row.run,
    revision: row.revision,
    ...(row.taken_ms !== null && { takenMs: row.taken_ms }),
    ...(row.sent_ledger_id !== null && { sentLedgerId: row.sent_ledger_id }),
    outputBytes: row.output_bytes,
  };
}
