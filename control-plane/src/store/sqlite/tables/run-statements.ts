import type { Db } from "../database.ts";

/** A row as the database has it. */
export type RawRunRow = {
  readonly seq: number;
  readonly invocation_seq: number;
  readonly invoke_id: string;
  readonly instance_id: string;
  readonly iteration: number;
  readonly created_ms: number;
  updated_ms: number;
  readonly state: string;
  revision: number;
  taken_ms: number | null;
  sent_ledger_id: string | null;
  output_bytes: number;
  stored_bytes: number;
  latest: number;
};
export const RUN_SELECT =
  "r.seq, r.invocation_seq, r.invoke_id, r.instance_id, r.iteration, r.created_ms, r.updated_ms, r.state, r.revision, r.taken_ms, r.sent_ledger_id, r.output_bytes, r.stored_bytes, r.latest";
export function createRunStatements(db: Db) {
  const insert = db.prepare(
    `INSERT INTO runs (invocation_seq, invoke_id, instance_id, iteration, created_ms, updated_ms, status, state, phase,
      deadline_ms, latest_end_ms, revision, taken_ms, sent_ledger_id, output_bytes, stored_bytes, latest)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, NULL, ?, 0, 0, ?)`,
  );
  const select = db.prepare<[string, string, number], RawRunRow>(
    `SELECT ${RUN_SELECT} FROM runs AS r WHERE r.invoke_id = ? AND r.instance_id = ? AND r.iteration = ?`,
  );
  const selectOf = db.prepare<[string], RawRunRow>(
    `SELECT ${RUN_SELECT} FROM runs AS r WHERE r.invocation_seq = (SELECT seq FROM invocations WHERE invoke_id = ?) AND r.latest = 1
      ORDER BY r.seq`,
  );
  const selectLatest = db.prepare<[string, string], RawRunRow>(
    `SELECT ${RUN_SELECT} FROM runs AS r WHERE r.instance_id = ?
      AND r.invocation_seq = (SELECT seq FROM invocations WHERE invoke_id = ?) AND r.latest = 1`,
  );
  const supersede = db.prepare<[number]>("UPDATE runs SET latest = 0 WHERE seq = ?");
  const selectTargets = db
    .prepare<[string, number], string>("SELECT instance_id FROM runs WHERE invoke_id = ? AND iteration = ?")
    .pluck();
  const selectOpenOf = db.prepare<[string], RawRunRow>(
    `SELECT ${RUN_SELECT} FROM runs AS r WHERE r.instance_id = ? AND r.phase <> 'over' ORDER BY r.seq`,
  );
  const selectWaiting = db.prepare<[number, number], RawRunRow>(
    `SELECT ${RUN_SELECT} FROM runs AS r WHERE r.phase = 'waiting' AND r.deadline_ms <= ? ORDER BY r.deadline_ms LIMIT ?`,
  );
  const selectOut = db.prepare<[number, number], RawRunRow>(
    `SELECT ${RUN_SELECT} FROM runs AS r WHERE r.phase = 'out' AND r.latest_end_ms <= ? ORDER BY r.latest_end_ms LIMIT ?`,
  );
  const changes =
    "status = ?, state = ?, updated_ms = ?, revision = ?, taken_ms = ?, sent_ledger_id = ?, output_bytes = ?, stored_bytes = ?";
  // `phase` is in the conditions of three indexes, which an UPDATE that names it rewrites, changed or not
  const update = db.prepare(`UPDATE runs SET ${changes} WHERE seq = ?`);
  const updateWithPhase = db.prepare(`UPDATE runs SET ${changes}, phase = ? WHERE seq = ?`);
  return {
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
  };
}
