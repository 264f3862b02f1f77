// The floor for output: `cat` of the same bytes through a pipe into this process, then one SQLite write of all of them.
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import Database from "better-sqlite3";

/** Milliseconds until `file`'s bytes came through a pipe and are committed in `database`. */
export async function catAndStore(file: string, database: string): Promise<number> {
  const db = new Database(database);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.exec("CREATE TABLE output(bytes BLOB)");
  const insert = db.prepare("INSERT INTO output VALUES (?)");
  const from = performance.now();
  const child = spawn("cat", [file], { stdio: ["ignore", "pipe", "ignore"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => child.once("close", resolve));
  insert.run(Buffer.concat(chunks));
  const ms = performance.now() - from;
  db.close();
  for (const end of ["", "-wal", "-shm"]) rmSync(database + end, { force: true });
  return ms;
}
