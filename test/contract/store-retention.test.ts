import { runOnce } from "@cloud-assistant/control-plane/jobs/retention";
import type { Run } from "@cloud-assistant/control-plane/domain/run";
import type { Invocation } from "@cloud-assistant/control-plane/store/store";
import { loadConfig } from "@cloud-assistant/control-plane/config";
import { systemClock } from "@cloud-assistant/control-plane/clock";
import { databasePath, openDatabase } from "@cloud-assistant/control-plane/store/sqlite/database";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findImbalances } from "../support/books.ts";
import {
  ACCOUNT,
  aNonce,
  anInvocation,
  exited,
  kept,
  ref,
  REGION,
  seatStore,
  sent,
  type StoreSeat,
} from "../support/stores.ts";

const DAY_MS = 86_400_000;
const everything = { accountId: ACCOUNT, regionId: REGION, tags: [] };

let seat: StoreSeat;
beforeEach(async () => {
  seat = await seatStore();
});
afterEach(() => seat.remove());

const config = (settings: Record<string, unknown>) =>
  loadConfig({ flags: { resultsMaxAgeDays: 10, resultsMaxCount: 1000, ...settings }, env: {}, file: {} });
const forget = (settings: Record<string, unknown> = {}): Promise<number> =>
  runOnce({ store: seat.store, clock: systemClock, config: config(settings) });
const ids = async (): Promise<string[]> =>
  (await seat.store.invocations.list(everything, { limit: 1000 })).rows.map(({ invocation }) => invocation.invokeId);

/** An invocation of some days ago whose runs ended then, each with `pieces` pieces of output. */
async function ended(
  id: string,
  daysAgo: number,
  hosts = 1,
  pieces = 1,
  fields: Partial<Invocation> = {},
): Promise<void> {
  const createdMs = Date.now() - daysAgo * DAY_MS;
  const invocation = anInvocation(id, { createdMs, deadlineMs: createdMs, tags: [{ key: "k", value: id }], ...fields });
  const created = sent(invocation, ...Array.from({ length: hosts }, (_, n) => `mi-${n}`));
  await seat.store.invocations.create(created, aNonce());
  const write = ({ instanceId }: { instanceId: string }) => [
    ...Array.from({ length: pieces }, (_, piece) =>
      seat.store.output.append(ref(id, instanceId), piece * 100_000, Buffer.alloc(100_000, piece)),
    ),
    seat.store.runs.apply(ref(id, instanceId), exited(0, createdMs)),
  ];
  await Promise.all(created.targets.flatMap(write));
  setBack(id, createdMs);
}

/** As if the runs had changed last then: the store stamps changes with its own clock. */
function setBack(id: string, updatedMs: number): void {
  const db = openDatabase(seat.dir);
  db.prepare("UPDATE runs SET updated_ms = ? WHERE invoke_id = ?").run(updatedMs, `t-${id}`);
  db.close();
}

test("what is older than the configuration keeps goes with runs, output, tags and counts", async () => {
  await ended("old", 11, 3, 20);
  await ended("older", 30);
  await ended("young", 9);
  expect(await forget()).toBe(2);
  expect(await ids()).toEqual(["t-young"]);
  expect((await seat.store.invocations.list(everything, { limit: 1 })).total).toBe(1);
  expect((await seat.store.runs.list(everything, { limit: 10 })).total).toBe(1);
  expect(
    (await seat.store.invocations.list({ ...everything, tags: [{ key: "k", value: "old" }] }, { limit: 1 })).total,
  ).toBe(0);
  expect((await seat.store.invocations.list({ ...everything, invokeStatus: "Success" }, { limit: 10 })).total).toBe(1);
  expect(await seat.store.invocations.find("t-old")).toBeUndefined();
  expect(await seat.store.runs.find(ref("old", "mi-0"))).toBeUndefined();
  const left = openDatabase(seat.dir);
  const rows = (table: string): unknown => left.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  expect(["output_pieces", "runs", "invocations", "invocation_progress", "tags", "removed_runs"].map(rows)).toEqual([
    1, 1, 1, 1, 1, 0,
  ]);
  left.close();
  expect(await forget()).toBe(0);
});

test("what is open stays, however old; so does what changed lately", async () => {
  const createdMs = Date.now() - 100 * DAY_MS;
  const open: Run = { status: "Running", startedMs: createdMs };
  const invocation = anInvocation("open", {
    createdMs,
    deadlineMs: createdMs,
    repeatMode: "Period",
    frequency: "rate(1h)",
  });
  await seat.store.invocations.create({ invocation, targets: [{ instanceId: "mi-1", run: open }] }, aNonce());
  await ended("stopped-lately", 50);
  setBack("stopped-lately", Date.now() - DAY_MS);
  await ended("gone", 40);
  expect(await forget()).toBe(1);
  expect(await ids()).toEqual(["t-stopped-lately", "t-open"]);
});

test("more runs than the configuration keeps: the oldest go, until it fits", async () => {
  for (let n = 0; n < 30; n++) await ended(`${n}`, 5, 2, 0);
  expect(await forget({ resultsMaxCount: 45 })).toBe(8);
  expect(await ids()).toEqual(Array.from({ length: 22 }, (_, n) => `t-${29 - n}`));
  expect(await forget({ resultsMaxCount: 44 })).toBe(0);
});

test("an open schedule keeps its latest runs and the younger ones of its history", async () => {
  const { invocations, runs, output, retention } = seat.store;
  const atMs = Date.now();
  const invocation = anInvocation("s", { repeatMode: "EveryReboot", createdMs: atMs - 30 * DAY_MS });
  await invocations.create(sent(invocation, "mi-0"), aNonce());
  for (const [iteration, daysAgo] of [
    [2, 20],
    [3, 9],
    [4, 8],
    [5, 7],
  ] as const) {
    const before = { ...ref("s", "mi-0"), iteration: iteration - 1 };
    await output.append(before, 0, Buffer.from("out"));
    await runs.apply(before, exited(0, atMs));
    await runs.insertNext({ ...before, iteration }, atMs - daysAgo * DAY_MS);
  }
  const left = async (): Promise<number[]> =>
    (await runs.list({ ...everything, invokeId: "t-s", history: true }, { limit: 10 })).rows.map(
      ({ iteration }) => iteration,
    );
  await forget();
  expect(await left()).toEqual([5, 4, 3]);
  await forget({ resultsMaxCount: 2 });
  expect([await left(), await retention.countRuns()]).toEqual([[5, 4], 2]);
  await forget({ resultsMaxCount: 1 });
  await forget({ resultsMaxCount: 1 });
  expect(await left()).toEqual([5]);
  expect(await retention.removeOutput(1)).toBe(false);
  expect(findImbalances(databasePath(seat.dir))).toEqual([]);
});

test("a removal that was cut short is finished next time, also after the store was closed", async () => {
  await ended("1", 20, 2, 40);
  const stopping = new AbortController();
  const clock = {
    ...systemClock,
    sleep: async (ms: number, signal?: AbortSignal) => (stopping.abort(), systemClock.sleep(ms, signal)),
  };
  await expect(runOnce({ store: seat.store, clock, config: config({}) }, stopping.signal)).rejects.toMatchObject({
    name: "AbortError",
  });
  await seat.reopen();
  await forget();
  const db = openDatabase(seat.dir);
  expect(
    db
      .prepare(
        "SELECT (SELECT count(*) FROM output_pieces) + (SELECT count(*) FROM removed_runs) + (SELECT count(*) FROM runs)",
      )
      .pluck()
      .get(),
  ).toBe(0);
  db.close();
});

test("while 400 runs and their output go, other writes go on", async () => {
  for (let n = 0; n < 20; n++) await ended(`${n}`, 20, 20, 1);
  const over = new AbortController();
  const going = forget().finally(() => over.abort());
  let writes = 0;
  for (; !over.signal.aborted; writes++)
    await seat.store.invocations.create(
      sent(anInvocation(`new${writes}`, { createdMs: Date.now() }), "mi-1"),
      aNonce(),
    );
  expect(await going).toBe(20);
  expect(writes).toBeGreaterThan(5); // they went on all the time
  expect(await ids()).toHaveLength(writes);
});

const request = (token: string, createdMs: number) => ({ ...aNonce(), kept: kept(token, { createdMs }) });

test("old ClientTokens and the counters of past days go too", async () => {
  const [old, young] = [Date.now() - 8 * DAY_MS, Date.now()];
  await seat.store.invocations.create(
    { ...sent(anInvocation("1", { createdMs: old }), "mi-1"), dailyQuota: 1 },
    request("old", old),
  );
  await seat.store.invocations.create(
    { ...sent(anInvocation("2", { createdMs: young }), "mi-1"), dailyQuota: 1 },
    request("young", young),
  );
  const another = { ...sent(anInvocation("3", { createdMs: young }), "mi-1"), dailyQuota: 1 };
  await expect(seat.store.invocations.create(another, aNonce())).rejects.toMatchObject({
    code: "Invocation.ExceedQuota",
  });
  await forget();
  expect([await seat.store.clientTokens.find(kept("old")), await seat.store.clientTokens.find(kept("young"))]).toEqual([
    undefined,
    kept("young", { createdMs: young }),
  ]);
  const db = openDatabase(seat.dir);
  expect(db.prepare("SELECT counted FROM totals WHERE counted LIKE 'invocations of %'").pluck().all()).toEqual([
    `invocations of ${new Date().toISOString().slice(0, 10)}`,
  ]);
  db.close();
});
