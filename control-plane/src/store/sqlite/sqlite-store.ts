import type { Clock } from "@cloud-assistant/shared/clock";
import type { Logger } from "pino";
import type { Store } from "../store.ts";
import { createCheckpointer } from "./checkpointer.ts";
import { databasePath, openDatabase, type Db } from "./database.ts";
import { lockDirectory } from "./directory-lock.ts";
import { createGroupCommit, type Timers } from "./group-commit.ts";
import { migrate } from "./migrate.ts";
import { createAccessKeyRows, createAccessKeys } from "./tables/access-keys.ts";
import { createAccounts } from "./tables/accounts.ts";
import { createActivations } from "./tables/activations.ts";
import { createClientTokenRows, createClientTokens, type ClientTokenRows } from "./tables/client-tokens.ts";
import { createCommandRows, createCommands } from "./tables/commands.ts";
import { createCounts, type Counts } from "./tables/counts.ts";
import { createInstanceRows } from "./tables/instance-rows.ts";
import { createInstances } from "./tables/instances.ts";
import { createInvocationRows } from "./tables/invocation-rows.ts";
import { createInvocations } from "./tables/invocations.ts";
import { createKnownTotals } from "./tables/known-totals.ts";
import { createLister } from "./tables/listing.ts";
import { createNonceRows, createNonces } from "./tables/nonces.ts";
import { createOutputPieces } from "./tables/output-pieces.ts";
import { createOutput } from "./tables/output.ts";
import { createParameters } from "./tables/parameters.ts";
import { createPolicies } from "./tables/policies.ts";
import { createRetention } from "./tables/retention.ts";
import { createRunRows, type RunRows } from "./tables/run-rows.ts";
import { createRuns } from "./tables/runs.ts";
import { createSettings } from "./tables/settings.ts";
import { createTaggedResources } from "./tables/tagged-resources.ts";
import { createTagRows } from "./tables/tags.ts";
import { createTemporaryKeys } from "./tables/temporary-keys.ts";
import { createUsers } from "./tables/users.ts";
import { createTransactions } from "./transactions.ts";
import { countWrites, createWriter, type Writer } from "./writer.ts";

export type SqliteStoreOptions = {
  /** The data directory: made if it is not there, claimed for this process until the store is closed. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Bytes of output kept for one run. */
  readonly storedOutputMaxBytes: number;
};

/**
 * The store in `<dir>/control-plane.db`.
 * @throws {Error} when another process has the directory, or a newer version has written the database.
 */
export async function openSqliteStore({ dir, clock, log, storedOutputMaxBytes }: SqliteStoreOptions): Promise<Store> {
  const unlock = lockDirectory(dir);
  let db: Db | undefined;
  try {
    db = openDatabase(dir);
    migrate(db, clock.now());
    return assemble(db, { dir, clock, log, storedOutputMaxBytes }, unlock);
  } catch (error) {
    db?.close();
    unlock();
    throw error;
  }
}

function assemble(db: Db, { dir, clock, log, storedOutputMaxBytes }: SqliteStoreOptions, unlock: () => void): Store {
  const counts = createCounts(db);
  const runRows = createRunRows(db);
  const groupCommit = createGroupCommit(createTransactions(db, counts, runRows), timersOf(clock), () =>
    checkpointer.committed(),
  );
  const checkpointer = createCheckpointer(databasePath(dir), log, groupCommit);
  const tokenRows = createClientTokenRows(db);
  const writer = createWriter(groupCommit, createNonceRows(db), tokenRows);
  return {
    ...createTables(db, writer, { counts, runRows, tokenRows }, { clock, storedOutputMaxBytes }),
    close: async () => {
      await checkpointer.close(); // first: what still waits is then written without anybody else at the log
      groupCommit.close();
      db.close(); // the last connection checkpoints, and removes the log
      unlock();
    },
  };
}

function createTables(
  db: Db,
  writer: Writer,
  { counts, runRows, tokenRows }: { counts: Counts; runRows: RunRows; tokenRows: ClientTokenRows },
  { clock, storedOutputMaxBytes }: Pick<SqliteStoreOptions, "clock" | "storedOutputMaxBytes">,
): Omit<Store, "close"> {
  const list = createLister(db);
  const keyRows = createAccessKeyRows(db);
  const totals = createKnownTotals(db, counts);
  const tagRows = createTagRows(db);
  const commandRows = createCommandRows(db, counts, tagRows);
  const invocationRows = createInvocationRows(db, tagRows);
  const { applyToOpenRuns, ...runs } = createRuns(writer, {
    clock,
    counts,
    rows: runRows,
    invocationRows,
    totals,
    list,
  });
  const instanceRows = createInstanceRows(db, tagRows);
  const identity = countWrites(writer);
  return {
    accounts: createAccounts(db, writer, keyRows),
    users: createUsers(db, identity.writer),
    accessKeys: createAccessKeys(db, identity.writer, keyRows),
    temporaryKeys: createTemporaryKeys(db, writer), // whose end is known from the start
    policies: createPolicies(db, identity.writer),
    identityRevision: identity.written,
    nonces: createNonces(db, writer),
    clientTokens: createClientTokens(db, writer, tokenRows),
    activations: createActivations(db, writer, counts, tagRows, list),
    instances: createInstances(db, writer, { counts, rows: instanceRows, list, applyToOpenRuns }),
    commands: createCommands(db, writer, { counts, rows: commandRows, tagRows, list }),
    invocations: createInvocations(writer, { counts, rows: invocationRows, runRows, commandRows, totals, list }),
    runs,
    retention: createRetention(db, writer, counts, tagRows),
    parameters: createParameters(db, writer, tagRows),
    tags: createTaggedResources(db, writer, { counts, tagRows, list }),
    settings: createSettings(db, writer),
    output: createOutput(writer, createOutputPieces(db), runRows, storedOutputMaxBytes),
  };
}

function timersOf({ elapsed }: Clock): Timers {
  return { elapsed, soon: (run) => void setImmediate(run), after: (ms, run) => void setTimeout(run, ms) };
}
