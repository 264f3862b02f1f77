import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";

/**
 * Claims the data directory for this process: an exclusive transaction on an empty database of its own. The kernel
 * releases it with the process, so a crash leaves nothing to clean up.
 * @returns the function that gives it up.
 * @throws {Error} when another control plane holds it.
 */
export function lockDirectory(dir: string): () => void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = new Database(join(dir, "control-plane.lock"), { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (!(error instanceof Database.SqliteError) || error.code !== "SQLITE_BUSY") throw error;
    throw new Error(`the data directory ${dir} is in use by another control plane`, { cause: error });
  }
  return () => lock.close();
}
