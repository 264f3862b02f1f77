// The thread of the checkpointer: moves pages from the write-ahead log into the database over a connection of its own.
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";

export type CheckpointMode = "PASSIVE" | "TRUNCATE";
/** `logPages` of the log, `movedPages` of them are in the database; an error text when it could not be done (disk full, say). */
export type CheckpointResult =
  | { readonly logPages: number; readonly movedPages: number }
  | { readonly failure: string };

const { path } = workerData as { path: string };
const db = new Database(path, { fileMustExist: true, timeout: 1_000 });
db.pragma("synchronous = FULL");

parentPort?.on("message", (mode: CheckpointMode | "close") => {
  if (mode === "close") {
    db.close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(checkpoint(mode)); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread, not a window
});

function checkpoint(mode: CheckpointMode): CheckpointResult {
  const t0 = performance.now(); try { return checkpoint1(mode); } finally { process._rawDebug(mode, (performance.now() - t0).toFixed(0), "ms", new Date().toISOString()); } }
function checkpoint1(mode: CheckpointMode): CheckpointResult {
  try {
    const [row] = db.pragma(`wal_checkpoint(${mode})`) as [{ log: number; checkpointed: number }];
    return { logPages: row.log, movedPages: row.checkpointed };
  } catch (error) {
    return { failure: String(error) };
  }
}
