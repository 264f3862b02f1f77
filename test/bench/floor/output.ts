// The floor for output: the same script, its output through a pipe into this process, then one SQLite transaction with all of it.
// Run as a child process. Argument: the database. Each message is the path of a script; the answer is when all is committed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import Database from "better-sqlite3";
import { wallClockMs } from "../wall-clock.ts";

const db = new Database(process.argv[2]);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.pragma("wal_autocheckpoint = 0"); // as in the product: no checkpoint inside a commit
db.exec("CREATE TABLE output(bytes BLOB)");
const begin = db.prepare("BEGIN");
const commit = db.prepare("COMMIT");
const insert = db.prepare("INSERT INTO output VALUES (?)");

process.on("message", (file: string) => void store(file).then((storedMs) => process.send?.({ storedMs })));
process.on("disconnect", () => process.exit(0));
process.send?.("ready");

async function store(file: string): Promise<number> {
  const child = spawn("/bin/sh", [file], { stdio: ["ignore", "pipe", "ignore"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(child, "close");
  begin.run();
  for (const chunk of chunks) insert.run(chunk); // joining them first would cost a quarter of the whole
  commit.run();
  const storedMs = wallClockMs();
  db.pragma("wal_checkpoint(TRUNCATE)");
  return storedMs;
}
