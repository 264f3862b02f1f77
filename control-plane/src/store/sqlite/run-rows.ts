import type { RunStatus } from "@cloud-assistant/shared/vocabulary";
import { isFinalRun, type Run } from "../../domain/run.ts";
import type { RunRef, StoredRun } from "../store.ts";
import type { Row, Statements } from "./statements.ts";

export const RUN_COLUMNS = `r.seq, r.invoke_id, r.instance_id, r.iteration, r.state, r.revision, r.created_ms, r.updated_ms,
  r.taken_ms, r.sent_ledger_id, r.output_bytes`;

export function toStoredRun(row: Row): StoredRun {
  return {
    seq: Number(row["seq"]),
    invokeId: String(row["invoke_id"]),
    instanceId: String(row["instance_id"]),
    iteration: Number(row["iteration"]),
    run: JSON.parse(String(row["state"])) as Run,
    revision: Number(row["revision"]),
    createdMs: Number(row["created_ms"]),
    updatedMs: Number(row["updated_ms"]),
    ...(row["taken_ms"] === null ? {} : { takenMs: Number(row["taken_ms"]) }),
    ...(row["sent_ledger_id"] === null ? {} : { sentLedgerId: String(row["sent_ledger_id"]) }),
    outputBytes: Number(row["output_bytes"]),
  };
}

export function findRun(sql: Statements, { invokeId, instanceId, iteration }: RunRef): StoredRun | undefined {
  const row = sql.row(
    `SELECT ${RUN_COLUMNS} FROM runs r WHERE r.invoke_id = ? AND r.instance_id = ? AND r.iteration = ?`,
    invokeId,
    instanceId,
    iteration,
  );
  return row && toStoredRun(row);
}

/** Groups of statuses that the InvokeStatus filter tells apart. */
const GROUP: Record<RunStatus, string> = {
  Pending: "n_pending",
  Scheduled: "n_scheduled",
  Running: "n_running",
  Stopping: "n_stopping",
  Success: "n_success",
  Failed: "n_nonzero",
  Timeout: "n_broken",
  Error: "n_broken",
  Invalid: "n_broken",
  Aborted: "n_broken",
  Cancelled: "n_stopped",
  Terminated: "n_stopped",
};

export function countRuns(sql: Statements, invokeId: string, status: RunStatus, by: number): void {
  sql.run(`UPDATE invocations SET ${GROUP[status]} = ${GROUP[status]} + ? WHERE invoke_id = ?`, by, invokeId);
}

/** Writes the next state of a run that was read in this same transaction. */
export function saveRun(sql: Statements, was: StoredRun, run: Run, atMs: number, sentLedgerId?: string): StoredRun {
  sql.run(
    `UPDATE runs SET status = ?, state = ?, final = ?, sent = ?, revision = revision + 1, updated_ms = ?,
        sent_ledger_id = coalesce(?, sent_ledger_id) WHERE seq = ?`,
    run.status,
    JSON.stringify(run),
    Number(isFinalRun(run)),
    Number("sentMs" in run && run.sentMs !== undefined),
    atMs,
    sentLedgerId ?? null,
    was.seq,
  );
  if (GROUP[was.run.status] !== GROUP[run.status]) {
    sql.run(
      `UPDATE invocations SET ${GROUP[was.run.status]} = ${GROUP[was.run.status]} - 1,
          ${GROUP[run.status]} = ${GROUP[run.status]} + 1 WHERE invoke_id = ?`,
      was.invokeId,
    );
  }
  if (isFinalRun(run)) {
    sql.run("UPDATE instances SET invocation_count = invocation_count + 1 WHERE instance_id = ?", was.instanceId);
  }
  return { ...was, run, revision: was.revision + 1, updatedMs: atMs, ...(sentLedgerId === undefined ? {} : { sentLedgerId }) };
}
