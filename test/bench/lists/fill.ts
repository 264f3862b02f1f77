import Database from "better-sqlite3";
import { databasePath } from "@cloud-assistant/control-plane/store/sqlite/database";
import { anActivation, aNonce, anInstance, anInvocation, exited, openStore, sent } from "../../support/stores.ts";

/** Hosts, each the target of every hundredth invocation. */
export const HOSTS = 100;
/** Every invocation has the tag `team` with one of so many values. */
export const TEAMS = 10;
export const REGION = "cn-hangzhou";
/** Rounds of copies in one transaction. */
const COPIES_AT_ONCE = 200;

export function hostOf(index: number): string {
  return `mi-bench${index}`;
}

export function teamOf(index: number): string {
  return `team-${index}`;
}

/**
 * Stores `count` invocations, a multiple of `HOSTS`, that are over and have printed something: one for each host as the store
 * itself writes them, then copies of these rows by SQL, which is the only way to have a million within a minute.
 * @param dir made and left by a control plane of this version
 */
export async function fill(dir: string, count: number, onProgress: (stored: number) => void): Promise<void> {
  await storeOriginals(dir);
  const db = new Database(databasePath(dir));
  try {
    db.pragma("synchronous = OFF"); // whoever loses power starts the benchmark again
    db.pragma(`cache_size = -${256 * 1024}`);
    const copies = count / HOSTS;
    for (let from = 1; from < copies; from += COPIES_AT_ONCE) {
      const to = Math.min(from + COPIES_AT_ONCE, copies);
      db.transaction(() => copyOriginals(db, from, to))();
      onProgress(to * HOSTS);
    }
    // whatever is counted, there is so much more of it now
    db.exec(`UPDATE totals SET total = total * ${copies} WHERE counted NOT IN ('activations', 'instances')`);
    db.exec(
      `UPDATE instance_counts SET invocation_count = invocation_count * ${copies}, listed_count = listed_count * ${copies}`,
    );
    db.pragma("wal_checkpoint(TRUNCATE)");
  } finally {
    db.close();
  }
}

async function storeOriginals(dir: string): Promise<void> {
  const accountId = findAccount(dir);
  const store = await openStore({ dir });
  try {
    const createdMs = Date.now();
    const place = { accountId, regionId: REGION };
    await store.activations.insert(anActivation({ ...place, instanceCount: HOSTS, createdMs }), aNonce());
    for (let index = 0; index < HOSTS; index++) {
      const instanceId = hostOf(index);
      await store.instances.register(anInstance(`bench${index}`, { ...place, registeredMs: createdMs }), createdMs);
      const tags = [{ key: "team", value: teamOf(index % TEAMS) }];
      const invocation = anInvocation(`bench${index}`, { ...place, createdMs, deadlineMs: createdMs + 60_000, tags });
      await store.invocations.create(sent(invocation, instanceId), aNonce());
      const ref = { invokeId: invocation.invokeId, instanceId, iteration: 1 };
      await store.output.append(
        ref,
        0,
        Buffer.from("a line of output of the usual size, 64 bytes with its newline.\n"),
      );
      await store.runs.apply(ref, exited(0, createdMs));
    }
  } finally {
    await store.close();
  }
}

function findAccount(dir: string): string {
  const db = new Database(databasePath(dir), { readonly: true });
  const accountId = db.prepare<[], string>("SELECT account_id FROM access_keys LIMIT 1").pluck().get();
  db.close();
  if (accountId === undefined) throw new Error(`no access key in ${dir}`);
  return accountId;
}

const moved = (column: string): string => `${column} + round * ${HOSTS}`;
const newId = (seq: string): string => `(SELECT invoke_id FROM temp.copies AS c WHERE c.invocation_seq = ${seq})`;

/** The rounds of copies `from` to `to`, the latter left out. A copy has the positions of its original, moved by `HOSTS` a round. */
function copyOriginals(db: Database.Database, from: number, to: number): void {
  db.exec("CREATE TEMP TABLE IF NOT EXISTS copies (invocation_seq INTEGER PRIMARY KEY, invoke_id TEXT)");
  db.exec("DELETE FROM temp.copies");
  const rounds = `WITH RECURSIVE rounds (round) AS (VALUES (${from}) UNION ALL SELECT round + 1 FROM rounds WHERE round + 1 < ${to})`;
  // begins like ids of the control plane do: of one time side by side
  db.exec(
    `${rounds} INSERT INTO temp.copies SELECT ${moved("seq")}, 't-' || printf('%08x', ${moved("seq")}) || lower(hex(randomblob(8)))
      FROM rounds CROSS JOIN invocations WHERE seq <= ${HOSTS}`,
  );
  copy(db, "invocations", `seq <= ${HOSTS}`, rounds, {
    seq: moved("t.seq"),
    invoke_id: newId(moved("t.seq")),
    command_id: `'c-' || printf('%024x', ${moved("t.seq")})`,
  });
  copy(db, "invocation_progress", `invocation_seq <= ${HOSTS}`, rounds, { invocation_seq: moved("t.invocation_seq") });
  copy(db, "tags", `owner = 'invocation' AND owner_seq <= ${HOSTS}`, rounds, { owner_seq: moved("t.owner_seq") });
  copy(db, "runs", `seq <= ${HOSTS}`, rounds, {
    seq: moved("t.seq"),
    invocation_seq: moved("t.invocation_seq"),
    invoke_id: newId(moved("t.invocation_seq")),
  });
  copy(db, "output_pieces", `run_seq <= ${HOSTS}`, rounds, { run_seq: moved("t.run_seq") });
}

function copy(
  db: Database.Database,
  table: string,
  originals: string,
  rounds: string,
  changed: Readonly<Record<string, string>>,
): void {
  const columns = db.prepare<[string], string>("SELECT name FROM pragma_table_info(?)").pluck().all(table);
  const values = columns.map((column) => changed[column] ?? `t.${column}`);
  db.exec(
    `${rounds} INSERT INTO ${table} (${columns.join(", ")}) SELECT ${values.join(", ")} FROM rounds CROSS JOIN ${table} AS t WHERE ${originals}`,
  );
}
