import type { StoredRun } from "@cloud-assistant/control-plane/store/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ACCOUNT,
  aNonce,
  anActivation,
  anInstance,
  anInvocation,
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
});
afterEach(() => seat.remove());

const everything = { accountId: ACCOUNT, regionId: REGION, tags: [] };
const names = (runs: readonly StoredRun[]): string[] =>
  runs.map(({ invokeId, instanceId }) => `${invokeId} ${instanceId}`);
const statuses = (stopped: readonly StoredRun[]): string[] =>
  stopped.map(({ instanceId, run }) => `${instanceId} ${run.status}`);
const started = { type: "started", atMs: NOW_MS + 1 } as const;

test("events of one batch see each other, and each promise gets the state after its own event", async () => {
  await seat.store.invocations.create(sent(anInvocation("1"), "mi-1"), aNonce());
  const { runs } = seat.store;
  const [first, again, ended, late] = await Promise.all([
    runs.apply(ref("1", "mi-1"), started),
    runs.apply(ref("1", "mi-1"), started),
    runs.apply(ref("1", "mi-1"), exited(0)),
    runs.apply(ref("1", "mi-1"), started),
  ]);
  expect(first).toMatchObject({ run: { status: "Running", startedMs: NOW_MS + 1 }, revision: 1 });
  expect(again).toEqual(first);
  expect(ended).toMatchObject({ run: { status: "Success", exitCode: 0 }, revision: 2 });
  expect(late).toEqual(ended);
  expect(await runs.find(ref("1", "mi-1"))).toEqual(ended);
  const store = await seat.reopen();
  expect(await store.runs.find(ref("1", "mi-1"))).toEqual(ended);
});

test("an unknown run has no state", async () => {
  const { runs } = seat.store;
  await seat.store.invocations.create(sent(anInvocation("1"), "mi-1"), aNonce());
  for (const unknown of [ref("2", "mi-1"), ref("1", "mi-2"), { ...ref("1", "mi-1"), iteration: 2 }]) {
    expect(await runs.find(unknown)).toBeUndefined();
    expect(await runs.apply(unknown, started)).toBeUndefined();
    expect(await runs.markSent(unknown, "ledger", NOW_MS)).toBeUndefined();
    await runs.markTaken(unknown, NOW_MS);
  }
  expect(await runs.listOf("t-2")).toEqual([]);
});

test("sending: once, with the ledger; taken; never left", async () => {
  await seat.store.invocations.create(waiting(anInvocation("1"), "mi-1"), aNonce());
  const { runs } = seat.store;
  const run = ref("1", "mi-1");
  expect(await runs.markSent(run, "L1", NOW_MS)).toMatchObject({
    run: { status: "Pending", sentMs: NOW_MS },
    sentLedgerId: "L1",
  });
  expect(await runs.markSent(run, "L2", NOW_MS + 5)).toMatchObject({ run: { sentMs: NOW_MS }, sentLedgerId: "L1" });

  const unsent = await runs.apply(run, { type: "unsent" });
  expect(unsent?.run).toEqual({ status: "Pending", deadlineMs: NOW_MS + 60_000 });
  expect(unsent?.sentLedgerId).toBeUndefined();
  expect((await runs.find(run))?.sentLedgerId).toBeUndefined();

  await runs.markSent(run, "L2", NOW_MS + 9);
  await runs.markTaken(run, NOW_MS + 10);
  await runs.markTaken(run, NOW_MS + 11);
  expect(await runs.find(run)).toMatchObject({ sentLedgerId: "L2", takenMs: NOW_MS + 10 });
  // the host has it: whoever believes that it never left is wrong
  expect(await runs.apply(run, { type: "unsent" })).toMatchObject({ run: { sentMs: NOW_MS + 9 }, sentLedgerId: "L2" });

  await runs.apply(run, started);
  expect(await runs.markSent(run, "L3", NOW_MS + 12)).toMatchObject({ run: { status: "Running" }, sentLedgerId: "L2" });
});

test("open runs of a host, oldest first", async () => {
  for (const id of ["1", "2", "3"])
    await seat.store.invocations.create(sent(anInvocation(id), "mi-1", "mi-2"), aNonce());
  const { runs } = seat.store;
  await runs.apply(ref("2", "mi-1"), started);
  await runs.apply(ref("1", "mi-1"), exited(0));
  expect(names(await runs.listOpenOf("mi-1"))).toEqual(["t-2 mi-1", "t-3 mi-1"]);
  expect(names(await runs.listOpenOf("mi-2"))).toEqual(["t-1 mi-2", "t-2 mi-2", "t-3 mi-2"]);
  expect(await runs.listOpenOf("mi-3")).toEqual([]);
  expect(names(await runs.listOf("t-2"))).toEqual(["t-2 mi-1", "t-2 mi-2"]);
});

test("overdue: waiting ones at their deadline, sent ones at deadline + Timeout + bound, final ones never", async () => {
  const { invocations, runs } = seat.store;
  await invocations.create(waiting(anInvocation("waits"), "mi-1"), aNonce());
  await invocations.create(sent(anInvocation("out", { timeoutSeconds: 30 }), "mi-1"), aNonce());
  await invocations.create(sent(anInvocation("over"), "mi-1"), aNonce());
  await runs.apply(ref("over", "mi-1"), exited(0));
  const overdue = async (atMs: number): Promise<string[]> => names(await runs.listOverdue(NOW_MS + atMs, 5_000, 10));
  expect(await overdue(59_999)).toEqual([]);
  expect(await overdue(60_000)).toEqual(["t-waits mi-1"]);
  expect(await overdue(94_999)).toEqual(["t-waits mi-1"]);
  expect(await overdue(95_000)).toEqual(["t-waits mi-1", "t-out mi-1"]);
  expect(await runs.listOverdue(NOW_MS + 95_000, 5_000, 1)).toHaveLength(1);
  // running and stopping count as out; a run that did not leave after all waits again
  await runs.apply(ref("out", "mi-1"), { type: "unsent" });
  expect(await overdue(60_000)).toEqual(["t-waits mi-1", "t-out mi-1"]);
  await runs.markSent(ref("out", "mi-1"), "L", NOW_MS);
  await runs.apply(ref("out", "mi-1"), started);
  await runs.apply(ref("waits", "mi-1"), { type: "tick", atMs: NOW_MS + 60_000 });
  expect(await overdue(94_999)).toEqual([]);
  expect(await overdue(95_000)).toEqual(["t-out mi-1"]);
  await runs.apply(ref("out", "mi-1"), { type: "outcomeUnknown", atMs: NOW_MS, errorInfo: "outcome unknown: x" });
  expect(await overdue(1_000_000)).toEqual([]);
});

test("a stop reaches the named runs, or all, and tells what they are then", async () => {
  const { invocations, runs } = seat.store;
  await invocations.create(sent(anInvocation("1"), "mi-1", "mi-2"), aNonce());
  await invocations.create(waiting(anInvocation("2"), "mi-1", "mi-2"), aNonce());
  await runs.apply(ref("1", "mi-1"), started);
  await runs.apply(ref("1", "mi-2"), exited(0));
  expect(statuses(await runs.stop("t-1", undefined, NOW_MS, aNonce()))).toEqual(["mi-1 Stopping", "mi-2 Success"]);
  expect(statuses(await runs.stop("t-2", ["mi-2", "mi-9"], NOW_MS, aNonce()))).toEqual(["mi-2 Cancelled"]);
  expect((await runs.find(ref("2", "mi-1")))?.run.status).toBe("Pending");
  expect(await runs.stop("t-9", undefined, NOW_MS, aNonce())).toEqual([]);
});

test("filters and pages of runs, each with its invocation", async () => {
  const { invocations, runs } = seat.store;
  await invocations.create(
    sent(anInvocation("1", { tags: [{ key: "a", value: "b" }] }), "mi-1", "mi-2", "mi-3"),
    aNonce(),
  );
  await invocations.create(sent(anInvocation("2"), "mi-1"), aNonce());
  await invocations.create(sent(anInvocation("3", { regionId: "other" }), "mi-1"), aNonce());
  await runs.apply(ref("1", "mi-2"), exited(1));
  const found = async (filter: object): Promise<string[]> => {
    const { rows, total } = await runs.list({ ...everything, ...filter }, { limit: 10 });
    expect(total).toBe(rows.length);
    expect(rows.every(({ invokeId, invocation }) => invocation.invokeId === invokeId)).toBe(true);
    return names(rows);
  };
  expect(await found({})).toEqual(["t-2 mi-1", "t-1 mi-3", "t-1 mi-2", "t-1 mi-1"]);
  expect(await found({ regionId: "other" })).toEqual(["t-3 mi-1"]);
  expect(await found({ invokeId: "t-1" })).toEqual(["t-1 mi-3", "t-1 mi-2", "t-1 mi-1"]);
  expect(await found({ invokeId: "t-1", instanceId: "mi-2" })).toEqual(["t-1 mi-2"]);
  expect(await found({ instanceId: "mi-1" })).toEqual(["t-2 mi-1", "t-1 mi-1"]);
  expect(await found({ commandId: "c-2" })).toEqual(["t-2 mi-1"]);
  expect(await found({ commandId: "c-9" })).toEqual([]);
  expect(await found({ statuses: ["Failed", "Success"] })).toEqual(["t-1 mi-2"]);
  expect(await found({ statuses: [] })).toEqual([]);
  expect(await found({ tags: [{ key: "a", value: "b" }], instanceId: "mi-1" })).toEqual(["t-1 mi-1"]);

  const first = await runs.list(everything, { limit: 3 });
  expect(first).toMatchObject({ total: 4 });
  const second = await runs.list(everything, { limit: 3, ...(first.next !== undefined && { after: first.next }) });
  expect(names([...first.rows, ...second.rows])).toEqual(["t-2 mi-1", "t-1 mi-3", "t-1 mi-2", "t-1 mi-1"]);
  expect(second.next).toBeUndefined();
});

test("a host's counters: running now, finished, last start; what never ran does not count", async () => {
  const { activations, instances, invocations, runs } = seat.store;
  await activations.insert(anActivation(), aNonce());
  await instances.register(anInstance("1"), NOW_MS);
  for (const id of ["1", "2", "3", "4"]) await invocations.create(sent(anInvocation(id), "mi-1"), aNonce());
  const counts = async (): Promise<unknown[]> => {
    const instance = await seat.store.instances.find("mi-1");
    return [instance?.activeCount, instance?.invocationCount, instance?.lastInvokedMs];
  };
  expect(await counts()).toEqual([0, 0, undefined]);
  await runs.apply(ref("1", "mi-1"), started);
  await runs.apply(ref("2", "mi-1"), { type: "started", atMs: NOW_MS + 7 });
  expect(await counts()).toEqual([2, 0, NOW_MS + 7]);
  await Promise.all([
    runs.apply(ref("1", "mi-1"), exited(0)),
    runs.apply(ref("2", "mi-1"), { type: "stopAsked", atMs: NOW_MS }),
  ]);
  expect(await counts()).toEqual([1, 1, NOW_MS + 7]);
  await runs.apply(ref("3", "mi-1"), { type: "ended", atMs: NOW_MS, end: { how: "refused", reason: "expired" } });
  await runs.apply(ref("4", "mi-1"), exited(0, NOW_MS + 9));
  await runs.apply(ref("4", "mi-1"), exited(0, NOW_MS + 10));
  expect(await counts()).toEqual([1, 2, NOW_MS + 9]);
  await seat.reopen();
  expect(await counts()).toEqual([1, 2, NOW_MS + 9]);
});
