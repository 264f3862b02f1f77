import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";

export type Db = Database.Database;

/** Milliseconds to wait for somebody else's lock: an operator's shell or a backup; our own threads keep out of each other's way. */
const BUSY_MS = 5_000;
/** Page cache in KiB: the hot indexes of a million runs. */
const CACHE_KIB = 64 * 1024;

export function databasePath(dir: string): string {
  return join(dir, "control-plane.db");
}

/** Directory and file are their owner's alone: the content of scripts and their output are in there. */
export function openDatabase(dir: string): Db {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = databasePath(dir);
  const db = new Database(path);
  try {
    chmodSync(path, 0o600); // SQLite gives its -wal and -shm the mode of the database
    tune(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** FULL: a commit that returned survives a power cut. With group commit it costs nothing (limits.md E and G). */
function tune(db: Db): void {
  db.pragma(`busy_timeout = ${BUSY_MS}`);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  // a checkpoint inside a COMMIT stalls the event loop for 36-69 ms; the checkpointer's thread makes them
  db.pragma("wal_autocheckpoint = 0");
  db.pragma("foreign_keys = ON");
  db.pragma("temp_store = MEMORY");
  db.pragma(`cache_size = -${CACHE_KIB}`);
}
