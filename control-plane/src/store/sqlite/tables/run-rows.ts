import { isFinalRun, type Run } from "../../../domain/run.ts";
import type { RunRef, StoredRun } from "../../store.ts";
import type { Db } from "../database.ts";

export type RunRow = {
  seq: number;
  invocation_seq: number;
  invoke_id: string;
  instance_id: string;
  iteration: number;
  created_ms: number;
  updated_ms: number;
  state: string;
  phase: "waiting" | "out" | "over";
  revision: number;
  taken_ms: number | null;
  sent_ledger_id: string | null;
  output_bytes: number;
  stored_bytes: number;
};
export type NewRun = {
  readonly invocationSeq: number;
  readonly ref: RunRef;
  readonly createdMs: number;
  readonly deadlineMs: number;
  readonly latestEndMs: number;
  readonly run: Run;
  readonly sentLedgerId: string | undefined;
};

export const RUN_SELECT =
  "r.seq, r.invocation_seq, r.invoke_id, r.instance_id, r.iteration, r.created_ms, r.updated_ms, r.state, r.phase, r.revision, r.taken_ms, r.sent_ledger_id, r.output_bytes, r.stored_bytes";

/** See `runs.phase` in the schema. */
function phaseOf(run: Run): RunRow["phase"] {
  if (isFinalRun(run)) return "over";
  return run.status === "Pending" && run.sentMs === undefined ? "waiting" : "out";
}

export type RunRows = ReturnType<typeof createRunRows>;

export function createRunRows(db: Db) {
  const insert = db.prepare(
    `INSERT INTO runs (invocation_seq, invoke_id, instance_id, iteration, created_ms, updated_ms, status, state, phase,
      deadline_ms, latest_end_ms, revision, taken_ms, sent_ledger_id, output_bytes, stored_bytes)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, NULL, ?, 0, 0)`,
  );
  const byRef = "FROM runs AS r WHERE r.invoke_id = ? AND r.instance_id = ? AND r.iteration = ?";
  const select = db.prepare<[string, string, number], RunRow>(`SELECT ${RUN_SELECT} ${byRef}`);
  const selectOf = db.prepare<[string], RunRow>(
    `SELECT ${RUN_SELECT} FROM runs AS r WHERE r.invoke_id = ? ORDER BY r.seq`,
  );
  const selectOpenOf = db.prepare<[string], RunRow>(
    `SELECT ${RUN_SELECT} FROM runs AS r WHERE r.instance_id = ? AND r.phase <> 'over' ORDER BY r.seq`,
  );
  const selectWaiting = db.prepare<[number, number], RunRow>(
    `SELECT ${RUN_SELECT} FROM runs AS r WHERE r.phase = 'waiting' AND r.deadline_ms <= ? ORDER BY r.deadline_ms LIMIT ?`,
  );
  const selectOut = db.prepare<[number, number], RunRow>(
    `SELECT ${RUN_SELECT} FROM runs AS r WHERE r.phase = 'out' AND r.latest_end_ms <= ? ORDER BY r.latest_end_ms LIMIT ?`,
  );
  // `phase` is in the conditions of three indexes, which an UPDATE that names it rewrites, changed or not
  const update = db.prepare<[string, string, number, string | null, number]>(
    "UPDATE runs SET status = ?, state = ?, updated_ms = ?, sent_ledger_id = ?, revision = revision + 1 WHERE seq = ?",
  );
  const updateWithPhase = db.prepare<[string, string, number, string | null, string, number]>(
    "UPDATE runs SET status = ?, state = ?, updated_ms = ?, sent_ledger_id = ?, phase = ?, revision = revision + 1 WHERE seq = ?",
  );
  const updateTaken = db.prepare<[number, number]>("UPDATE runs SET taken_ms = ? WHERE seq = ? AND taken_ms IS NULL");

  return {
    insert: ({ invocationSeq, ref, createdMs, deadlineMs, latestEndMs, run, sentLedgerId }: NewRun): void => {
      insert.run(
        invocationSeq,
        ref.invokeId,
        ref.instanceId,
        ref.iteration,
        createdMs,
        createdMs,
        run.status,
        JSON.stringify(run),
        phaseOf(run),
        deadlineMs,
        latestEndMs,
        sentLedgerId ?? null,
      );
    },
    find: ({ invokeId, instanceId, iteration }: RunRef): RunRow | undefined =>
      select.get(invokeId, instanceId, iteration),
    listOf: (invokeId: string): RunRow[] => selectOf.all(invokeId),
    listOpenOf: (instanceId: string): RunRow[] => selectOpenOf.all(instanceId),
    listWaiting: (deadlineMs: number, limit: number): RunRow[] => selectWaiting.all(deadlineMs, limit),
    listOut: (latestEndMs: number, limit: number): RunRow[] => selectOut.all(latestEndMs, limit),
    /** Changes `row` with the database. */
    update: (row: RunRow, from: Run, to: Run, atMs: number, sentLedgerId: string | null): void => {
      const state = JSON.stringify(to);
      const phase = phaseOf(to);
      if (phase === phaseOf(from)) update.run(to.status, state, atMs, sentLedgerId, row.seq);
      else updateWithPhase.run(to.status, state, atMs, sentLedgerId, phase, row.seq);
      Object.assign(row, { state, updated_ms: atMs, sent_ledger_id: sentLedgerId, revision: row.revision + 1 });
    },
    updateTaken: (seq: number, atMs: number): void => void updateTaken.run(atMs, seq),
  };
}

export function toRun(row: Pick<RunRow, "state">): Run {
  return JSON.parse(row.state) as Run; // written by `update` and `insert` alone
}

export function toStoredRun(row: RunRow, run: Run = toRun(row)): StoredRun {
  return {
    invokeId: row.invoke_id,
    iteration: row.iteration,
    instanceId: row.instance_id,
    seq: row.seq,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    run,
    revision: row.revision,
    ...(row.taken_ms !== null && { takenMs: row.taken_ms }),
    ...(row.sent_ledger_id !== null && { sentLedgerId: row.sent_ledger_id }),
    outputBytes: row.output_bytes,
  };
}
