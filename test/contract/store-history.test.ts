import { databasePath } from "@cloud-assistant/control-plane/store/sqlite/database";
import type { RunFilter } from "@cloud-assistant/control-plane/store/store";
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
  type StoreSeat,
} from "../support/stores.ts";

let seat: StoreSeat;
beforeEach(async () => {
  seat = await seatStore();
  await seat.store.activations.insert(anActivation(), aNonce());
  for (const id of ["1", "2"]) await seat.store.instances.register(anInstance(id), NOW_MS);
  const tags = [{ key: "k", value: "v" }];
  await seat.store.invocations.create(
    sent(anInvocation("s", { repeatMode: "EveryReboot", tags }), "mi-1", "mi-2"),
    aNonce(),
  );
});
afterEach(() => seat.remove());

const nth = (iteration: number, instanceId = "mi-1") => ({ ...ref("s", instanceId), iteration });
const LATER_MS = NOW_MS + 60_000;

async function list(filter: Partial<RunFilter> = {}): Promise<string[]> {
  const { rows, total } = await seat.store.runs.list(
    { accountId: ACCOUNT, regionId: REGION, tags: [], ...filter },
    { limit: 50 },
  );
  expect(total).toBe(rows.length);
  return rows.map(({ instanceId, iteration, run }) => `${instanceId} ${iteration} ${run.status}`);
}

const balanced = () => expect(findImbalances(databasePath(seat.dir))).toEqual([]);

test("the latest run of each host is listed; with its history, all of them, newest first", async () => {
  const { runs } = seat.store;
  await runs.apply(nth(1), exited(1));
  expect(await runs.insertNext(nth(2), LATER_MS)).toMatchObject({
    iteration: 2,
    createdMs: LATER_MS,
    run: { status: "Pending", sentMs: LATER_MS },
    sentLedgerId: "ledger",
  });
  await runs.apply(nth(2), { type: "started", atMs: LATER_MS });
  for (const filter of [{}, { invokeId: "t-s" }, { tags: [{ key: "k", value: "v" }] }])
    expect(await list(filter)).toEqual(["mi-1 2 Running", "mi-2 1 Pending"]);
  expect(await list({ instanceId: "mi-1" })).toEqual(["mi-1 2 Running"]);
  expect(await list({ statuses: ["Failed"] })).toEqual([]);
  expect(await list({ invokeId: "t-s", history: true })).toEqual(["mi-1 2 Running", "mi-2 1 Pending", "mi-1 1 Failed"]);
  expect(await list({ invokeId: "t-s", instanceId: "mi-1", history: true })).toEqual([
    "mi-1 2 Running",
    "mi-1 1 Failed",
  ]);
  expect(await list({ invokeId: "t-s", history: true, statuses: ["Failed"] })).toEqual(["mi-1 1 Failed"]);
  expect((await runs.listOf("t-s")).map(({ iteration }) => iteration)).toEqual([1, 2]);
  await seat.reopen();
  expect(await list()).toEqual(["mi-1 2 Running", "mi-2 1 Pending"]);
  balanced();
});

test("a run that is told of twice is there once; one that comes late is history from the start", async () => {
  const { runs } = seat.store;
  await Promise.all([
    runs.insertNext(nth(3), LATER_MS),
    runs.insertNext(nth(3), LATER_MS),
    runs.insertNext(nth(2), LATER_MS),
  ]);
  await runs.insertNext(nth(3), LATER_MS + 1);
  await runs.apply(nth(2), exited(0, LATER_MS));
  expect(await list({ instanceId: "mi-1" })).toEqual(["mi-1 3 Pending"]);
  expect(await list({ invokeId: "t-s", instanceId: "mi-1", history: true })).toEqual([
    "mi-1 2 Success",
    "mi-1 3 Pending",
    "mi-1 1 Pending",
  ]);
  expect(await runs.insertNext({ ...nth(2), instanceId: "mi-9" }, LATER_MS)).toBeUndefined();
  expect(await runs.insertNext({ ...ref("none", "mi-1"), iteration: 2 }, LATER_MS)).toBeUndefined();
  balanced();
});

test("what comes late of a run before changes that run, and no status of the invocation", async () => {
  const { runs, invocations } = seat.store;
  await runs.apply(nth(1, "mi-2"), exited(0));
  await runs.apply(nth(1), { type: "started", atMs: NOW_MS });
  await runs.insertNext(nth(2), LATER_MS);
  await runs.apply(nth(1), exited(1, LATER_MS));
  await runs.apply(nth(2), exited(0, LATER_MS));
  const { rows } = await invocations.list(
    { accountId: ACCOUNT, regionId: REGION, tags: [], invokeStatus: "Success" },
    { limit: 10 },
  );
  expect(rows.map((row) => row.runs.map(({ instanceId, iteration }) => `${instanceId} ${iteration}`))).toEqual([
    ["mi-2 1", "mi-1 2"],
  ]);
  expect(await list({ invokeId: "t-s", history: true, statuses: ["Failed"] })).toEqual(["mi-1 1 Failed"]);
  expect((await seat.store.instances.find("mi-1"))?.invocationCount).toBe(2);
  balanced();
});

test("the history goes with its invocation, and counts as results that are kept", async () => {
  const { runs, retention } = seat.store;
  for (const iteration of [2, 3]) await runs.insertNext(nth(iteration), LATER_MS);
  for (const iteration of [1, 2, 3]) await runs.apply(nth(iteration), exited(0));
  await runs.apply(nth(1, "mi-2"), exited(0));
  expect(await retention.countRuns()).toBe(4);
  const [oldest] = await retention.listOldest(0, 10);
  expect(oldest).toMatchObject({ runs: 4, open: false });
  expect(await retention.removeInvocations([oldest?.seq ?? 0])).toBe(1);
  expect([await retention.countRuns(), await list()]).toEqual([0, []]);
  balanced();
});
