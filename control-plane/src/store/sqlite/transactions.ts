import type { Db } from "./database.ts";
import type { Transactions } from "./group-commit.ts";
import type { Counts } from "./tables/counts.ts";
import type { RunRows } from "./tables/run-rows.ts";

export function createTransactions(db: Db, counts: Counts, runRows: RunRows): Transactions {
  // IMMEDIATE: a transaction that would begin by reading could not become a writing one beside the checkpointer
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const rollback = db.prepare("ROLLBACK");
  const savepoint = db.prepare("SAVEPOINT entry");
  const release = db.prepare("RELEASE entry");
  const rollbackToSavepoint = db.prepare("ROLLBACK TO entry");
  return {
    begin: () => void begin.run(),
    commit: () => void commit.run(),
    rollback: () => {
      if (db.inTransaction) rollback.run();
    },
    savepoint: () => void savepoint.run(),
    release: () => void release.run(),
    rollbackToSavepoint: () => void rollbackToSavepoint.run(),
    isOpen: () => db.inTransaction,
    settle: () => {
      runRows.settle();
      counts.settle();
    },
    forget: () => {
      runRows.forget();
      counts.forget();
    },
  };
}
