import { databasePath, openDatabase } from "@cloud-assistant/control-plane/store/sqlite/database";
import { readMigrations } from "@cloud-assistant/control-plane/store/sqlite/migrate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findImbalances } from "../support/books.ts";
import {
  ACCOUNT,
  anActivation,
  anInstance,
  anInvocation,
  aNonce,
  exited,
  NOW_MS,
  ref,
  REGION,
  seatStore,
  sent,
  waiting,
  type StoreSeat,
} from "../support/stores.ts";

let seat: StoreSeat;
beforeEach(async () => {
  seat = await seatStore();
  await seat.store.activations.insert(anActivation(), aNonce());
  for (const id of ["1", "2", "3"]) await seat.store.instances.register(anInstance(id), NOW_MS);
});
afterEach(() => seat.remove());

/** What JSON escapes, and what it might. */
const VALUES = ["prod", 'a "quoted" \\ one', "é 你 \u{1F600}", "\u0001\t\n\u007f\u2028", "a/b", ""];

async function fill(): Promise<void> {
  const { invocations, runs } = seat.store;
  for (const [n, value] of VALUES.entries()) {
    const tags = [
      { key: "env", value },
      { key: `k${n}`, value: "v" },
    ];
    await invocations.create(sent(anInvocation(`${n}`, { tags }), "mi-1", "mi-2"), aNonce());
    await runs.apply(ref(`${n}`, "mi-1"), exited(n % 2));
  }
  await invocations.create(waiting(anInvocation("w", { regionId: "other" }), "mi-3"), aNonce());
}

test("tags, hosts and statuses are counted as they come and go, whatever a tag holds", async () => {
  const { invocations, tags } = seat.store;
  await fill();
  const scope = { accountId: ACCOUNT, regionId: REGION };
  await tags.set({ ...scope, kind: "invocation", ids: ["t-0", "t-1"] }, [{ key: "env", value: "other" }], 20, aNonce());
  await tags.unset({ ...scope, kind: "invocation", ids: ["t-2"] }, ["env"], aNonce());
  await tags.unset({ ...scope, kind: "invocation", ids: ["t-3"] }, undefined, aNonce());
  for (const value of ["other", ...VALUES]) {
    const { rows, total } = await invocations.list({ ...scope, tags: [{ key: "env", value }] }, { limit: 50 });
    expect(total).toBe(rows.length);
  }
  expect(findImbalances(databasePath(seat.dir))).toEqual([]);
});

test("what a migration counts is what the store counts", async () => {
  await fill();
  await seat.store.runs.apply(ref("0", "mi-2"), exited(0));
  const db = openDatabase(seat.dir);
  db.exec("DELETE FROM totals WHERE counted GLOB '* in *' OR counted GLOB '* shown as *' OR counted GLOB '* tagged *'");
  db.exec("UPDATE instance_counts SET listed_count = 0");
  expect(findImbalances(databasePath(seat.dir))).not.toEqual([]);
  const { sql = "" } = readMigrations().find(({ name }) => name === "lists") ?? {};
  db.exec(sql.slice(sql.indexOf("UPDATE instance_counts")));
  db.close();
  expect(findImbalances(databasePath(seat.dir))).toEqual([]);
});
