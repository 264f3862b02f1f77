import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@cloud-assistant/shared/clock";
import Database from "better-sqlite3";
import type { Logger } from "pino";
import type { Store } from "../store.ts";
import { accessKeyStore } from "./access-keys.ts";
import { activationStore } from "./activations.ts";
import { Checkpoints } from "./checkpoints.ts";
import { databasePath } from "./database.ts";
import { GroupCommit } from "./group-commit.ts";
import { instanceStore } from "./instances.ts";
import { invocationStore } from "./invocations.ts";
import { MIGRATIONS } from "./migrations.ts";
import { nonceStore } from "./nonces.ts";
import { outputStore } from "./output.ts";
import { runStore } from "./runs.ts";
import { Statements } from "./statements.ts";

export type SqliteOptions = {
  /** Directory of the database, made with mode 0700 when it is not there. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Bytes of output kept for one run. */
  readonly storedOutputMaxBytes: number;
};

/** @throws {Error} when another process holds this directory, or the database was made by a newer version. */
export async function openSqliteStore({ dir, clock, log, storedOutputMaxBytes }: SqliteOptions): Promise<Store> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = lockDirectory(dir);
  const file = databasePath(dir);
  const db = new Database(file);
  chmodSync(file, 0o600);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL"); // free with group commit (limits.md E and G)
  db.pragma("wal_autocheckpoint = 0");
  db.pragma("busy_timeout = 5000");
  db.pragma("cache_size = -65536");
  migrate(db);

  const sql = new Statements(db);
  const checkpoints = new Checkpoints(file, (error) => log.error({ err: error }, "checkpoint worker failed"));
  const writes = new GroupCommit(db, clock.elapsed, (entries) => checkpoints.flushed(entries));
  return {
    accessKeys: accessKeyStore(sql, writes),
    nonces: nonceStore(sql, writes),
    activations: activationStore(sql, writes),
    instances: instanceStore(sql, writes),
    invocations: invocationStore(sql, writes),
    runs: runStore(sql, writes, clock),
    output: outputStore(sql, writes, storedOutputMaxBytes),
    close: async () => {
      writes.flush();
      await checkpoints.close();
      db.close();
      lock.close();
    },
  };
}

/** A lock the kernel releases with the process, however it dies. */
function lockDirectory(dir: string): Database.Database {
  const lock = new Database(join(dir, "lock"), { timeout: 0 });
  try {
    lock.pragma("locking_mode = EXCLUSIVE");
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (cause) {
    lock.close();
    throw new Error(`Another control plane is running on ${dir}: stop it first, or choose another --data-dir.`, { cause });
  }
}

function migrate(db: Database.Database): void {
  const version = Number(db.pragma("user_version", { simple: true }));
  if (version > MIGRATIONS.length) {
    throw new Error(`The database is of version ${version}, this program knows up to ${MIGRATIONS.length}: install a newer one.`);
  }
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      db.pragma(`user_version = ${index + 1}`);
      db.exec(migration);
    }).immediate();
  }
}
