// Moves committed pages from the write-ahead log into the database, on a thread of its own: a checkpoint stalls its
// thread for 36-69 ms (limits.md E), and the main thread must answer meanwhile.
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";

const db = new Database(String(workerData));
db.pragma("busy_timeout = 5000");

parentPort?.on("message", () => {
  try {
    db.pragma("wal_checkpoint(PASSIVE)");
  } finally {
    parentPort?.postMessage("done"); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread, not a window
  }
});
