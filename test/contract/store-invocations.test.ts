import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ACCOUNT,
  aNonce,
  anActivation,
  anInstance,
  anInvocation,
  exited,
  kept,
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
const ids = (rows: readonly { invocation: { invokeId: string } }[]): string[] =>
  rows.map(({ invocation }) => invocation.invokeId);

test("an invocation comes back as it was given, also after the store was closed", async () => {
  const invocation = anInvocation("1", {
    name: "näme",
    description: "what it does",
    content: Buffer.from([0, 255, 10, 13, 0]),
    parameters: { a: "1", "b-c": "ü" },
    enableParameter: true,
    workingDir: "/srv",
    username: "nobody",
    timeoutSeconds: 86_400,
    terminationMode: "ProcessTree",
    tags: [
      { key: "z", value: "1" },
      { key: "a", value: "" },
    ],
  });
  await seat.store.invocations.create(sent(invocation, "mi-1"), aNonce());
  const expected = { ...invocation, content: expect.any(Uint8Array) as Uint8Array };
  for (const reopened of [false, true]) {
    const store = reopened ? await seat.reopen() : seat.store;
    const found = await store.invocations.find("t-1");
    expect(found).toEqual(expected);
    expect(Buffer.from(found?.content ?? "")).toEqual(Buffer.from([0, 255, 10, 13, 0]));
    expect(await store.runs.find(ref("1", "mi-1"))).toMatchObject({
      run: { status: "Pending", deadlineMs: invocation.deadlineMs, sentMs: NOW_MS },
      sentLedgerId: "ledger",
      revision: 0,
      outputBytes: 0,
    });
  }
  expect(await seat.store.invocations.find("t-2")).toBeUndefined();
});

test("a nonce is used once, also by another mutation and after the store was closed", async () => {
  const request = aNonce();
  await seat.store.invocations.create(waiting(anInvocation("1"), "mi-1"), request);
  await expect(seat.store.invocations.create(waiting(anInvocation("2"), "mi-1"), request)).rejects.toMatchObject({
    code: "SignatureNonceUsed",
  });
  await expect(seat.store.activations.insert(anActivation(), request)).rejects.toMatchObject({
    code: "SignatureNonceUsed",
  });
  const store = await seat.reopen();
  await expect(store.runs.stop("t-1", undefined, NOW_MS, request)).rejects.toMatchObject({
    code: "SignatureNonceUsed",
  });
  expect((await store.runs.find(ref("1", "mi-1")))?.run.status).toBe("Pending");
  expect(await store.invocations.find("t-2")).toBeUndefined();
  expect(await store.activations.find("A1")).toBeUndefined();
  expect(await store.nonces.listUnexpired(NOW_MS)).toEqual([request]);
});

test("two requests with one nonce in the same instant: one is taken", async () => {
  const request = aNonce();
  const outcomes = await Promise.allSettled(
    ["1", "2", "3"].map((id) => seat.store.invocations.create(waiting(anInvocation(id), "mi-1"), request)),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
  expect((await seat.store.invocations.list(everything, { limit: 10 })).total).toBe(1);
});

test("expired nonces are forgotten, the others stay used", async () => {
  const [old, young] = [aNonce({ expiresMs: NOW_MS }), aNonce({ expiresMs: NOW_MS + 1 })];
  await seat.store.invocations.create(waiting(anInvocation("1"), "mi-1"), old);
  await seat.store.invocations.create(waiting(anInvocation("2"), "mi-1"), young);
  expect(await seat.store.nonces.listUnexpired(NOW_MS)).toEqual([young]);
  expect(await seat.store.nonces.deleteExpired(NOW_MS)).toBe(1);
  expect(await seat.store.nonces.listUnexpired(0)).toEqual([young]);
});

test("of twenty mutations with one ClientToken one is written, with its answer", async () => {
  const { invocations, clientTokens } = seat.store;
  const requests = Array.from({ length: 20 }, (_, n) => ({ ...aNonce(), kept: kept("T", { parametersHash: `${n}` }) }));
  const outcomes = await Promise.allSettled(
    requests.map((request, n) => invocations.create(waiting(anInvocation(`${n}`), "mi-1"), request)),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", ...Array.from({ length: 19 }, () => "rejected")]);
  expect((await invocations.list(everything, { limit: 10 })).total).toBe(1);
  expect(await clientTokens.find(kept("T"))).toEqual(kept("T", { parametersHash: "0" }));

  const store = await seat.reopen();
  expect(await store.clientTokens.find(kept("T"))).toEqual(kept("T", { parametersHash: "0" }));
  expect(await store.clientTokens.find(kept("T", { accountId: "2" }))).toBeUndefined();
  expect(await store.clientTokens.find(kept("T", { action: "CreateCommand" }))).toBeUndefined();
  expect(await store.clientTokens.find(kept("t"))).toBeUndefined();
  await expect(
    store.invocations.create(waiting(anInvocation("x"), "mi-1"), { ...aNonce(), kept: kept("T") }),
  ).rejects.toThrow("used meanwhile");
  expect(await store.invocations.find("t-x")).toBeUndefined();
  // the nonces of those that were not written were not spent
  await store.invocations.create(waiting(anInvocation("y"), "mi-1"), {
    ...(requests[1] as (typeof requests)[0]),
    kept: kept("U"),
  });
});

test("old ClientTokens are forgotten, oldest first and no more than asked for", async () => {
  for (const n of [0, 1, 2, 3])
    await seat.store.invocations.create(waiting(anInvocation(`${n}`), "mi-1"), {
      ...aNonce(),
      kept: kept(`${n}`, { createdMs: NOW_MS + n }),
    });
  expect(await seat.store.clientTokens.deleteOlderThan(NOW_MS + 3, 2)).toBe(2);
  const found = await Promise.all(["0", "1", "2", "3"].map((token) => seat.store.clientTokens.find(kept(token))));
  expect(found.map((answer) => answer !== undefined)).toEqual([false, false, true, true]);
  expect(await seat.store.clientTokens.deleteOlderThan(NOW_MS + 3, 2)).toBe(1);
});

test("an invocation that cannot be written leaves nothing, and its neighbours are written", async () => {
  await seat.store.invocations.create(waiting(anInvocation("1"), "mi-1"), aNonce());
  const request = aNonce();
  const outcomes = await Promise.allSettled([
    seat.store.invocations.create(waiting(anInvocation("2"), "mi-1"), aNonce()),
    seat.store.invocations.create(waiting(anInvocation("1"), "mi-2"), request), // the id is taken
    seat.store.invocations.create(waiting(anInvocation("3"), "mi-1", "mi-1"), aNonce()), // a target twice
    seat.store.invocations.create(waiting(anInvocation("4"), "mi-1"), aNonce()),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  const { rows, total } = await seat.store.invocations.list(everything, { limit: 10 });
  expect(ids(rows)).toEqual(["t-4", "t-2", "t-1"]);
  expect(total).toBe(3);
  expect((await seat.store.runs.list(everything, { limit: 10 })).total).toBe(3);
  await seat.store.invocations.create(waiting(anInvocation("5"), "mi-1"), request); // its nonce was not spent
});

test("pages by position and by number, newest first, each row once", async () => {
  for (const n of Array.from({ length: 25 }).keys())
    await seat.store.invocations.create(waiting(anInvocation(`${n}`), "mi-1"), aNonce());
  const pages: string[][] = [];
  let after: string | undefined;
  do {
    const page = await seat.store.invocations.list(everything, { limit: 10, ...(after !== undefined && { after }) });
    pages.push(ids(page.rows));
    expect(page.total).toBe(25);
    after = page.next;
  } while (after !== undefined);
  expect(pages.map(({ length }) => length)).toEqual([10, 10, 5]);
  expect(pages.flat()).toEqual(Array.from({ length: 25 }, (_, n) => `t-${24 - n}`));
  expect(ids((await seat.store.invocations.list(everything, { limit: 10, offset: 20 })).rows)).toEqual(pages[2]);
  const exact = await seat.store.invocations.list(everything, { limit: 25 });
  expect(exact.next).toBeUndefined();
  expect((await seat.store.invocations.list(everything, { limit: 10, offset: 30 })).rows).toEqual([]);
});

test("filters of invocations", async () => {
  const { invocations } = seat.store;
  await invocations.create(
    waiting(anInvocation("1", { name: "build", tags: [{ key: "env", value: "prod" }] }), "mi-1", "mi-2"),
    aNonce(),
  );
  await invocations.create(
    waiting(anInvocation("2", { name: "build", commandType: "RunBatScript" }), "mi-2"),
    aNonce(),
  );
  await invocations.create(
    waiting(anInvocation("3", { regionId: "other", tags: [{ key: "env", value: "prod" }] }), "mi-1"),
    aNonce(),
  );
  await invocations.create(
    waiting(
      anInvocation("4", {
        tags: [
          { key: "env", value: "prod" },
          { key: "tier", value: "1" },
        ],
      }),
      "mi-3",
    ),
    aNonce(),
  );
  const found = async (filter: object): Promise<string[]> => {
    const { rows, total } = await invocations.list({ ...everything, ...filter }, { limit: 10 });
    expect(total).toBe(rows.length);
    return ids(rows);
  };
  expect(await found({})).toEqual(["t-4", "t-2", "t-1"]);
  expect(await found({ regionId: "other" })).toEqual(["t-3"]);
  expect(await found({ regionId: "none" })).toEqual([]);
  expect(await found({ invokeId: "t-2" })).toEqual(["t-2"]);
  expect(await found({ invokeId: "t-3" })).toEqual([]);
  expect(await found({ commandId: "c-1" })).toEqual(["t-1"]);
  expect(await found({ commandName: "build" })).toEqual(["t-2", "t-1"]);
  expect(await found({ commandName: "buil*" })).toEqual([]);
  expect(await found({ commandType: "RunBatScript" })).toEqual(["t-2"]);
  expect(await found({ repeatMode: "Once" })).toEqual(["t-4", "t-2", "t-1"]);
  expect(await found({ repeatMode: "Period" })).toEqual([]);
  expect(await found({ tags: [{ key: "env", value: "prod" }] })).toEqual(["t-4", "t-1"]);
  expect(
    await found({
      tags: [
        { key: "env", value: "prod" },
        { key: "tier", value: "1" },
      ],
    }),
  ).toEqual(["t-4"]);
  expect(await found({ instanceId: "mi-2" })).toEqual(["t-2", "t-1"]);
  const { rows } = await invocations.list({ ...everything, instanceId: "mi-2", invokeId: "t-1" }, { limit: 10 });
  expect(rows[0]?.runs.map(({ instanceId }) => instanceId)).toEqual(["mi-2"]);
  expect((await invocations.list({ ...everything, invokeId: "t-1" }, { limit: 1 })).rows[0]?.runs).toHaveLength(2);
});

test("InvokeStatus follows the runs", async () => {
  const { invocations, runs, activations, instances } = seat.store;
  await activations.insert(anActivation(), aNonce());
  await instances.register(anInstance("1"), NOW_MS);
  await invocations.create(sent(anInvocation("1"), "mi-1", "mi-2", "mi-3"), aNonce());
  const statuses = async (): Promise<string[]> => {
    const words = [
      "Pending",
      "Scheduled",
      "Running",
      "Stopping",
      "Stopped",
      "Finished",
      "Success",
      "Failed",
      "PartialFailed",
    ];
    const totals = await Promise.all(
      words.map(async (invokeStatus) => (await invocations.list({ ...everything, invokeStatus }, { limit: 1 })).total),
    );
    return words.filter((_, index) => totals[index] === 1);
  };
  expect(await statuses()).toEqual(["Pending", "Running"]);
  await runs.apply(ref("1", "mi-1"), { type: "started", atMs: NOW_MS });
  await runs.apply(ref("1", "mi-2"), exited(0));
  expect(await statuses()).toEqual(["Pending", "Running"]);
  await Promise.all([
    runs.apply(ref("1", "mi-3"), { type: "started", atMs: NOW_MS }),
    runs.apply(ref("1", "mi-3"), exited(0)),
  ]);
  expect(await statuses()).toEqual(["Running"]);
  await runs.apply(ref("1", "mi-1"), { type: "stopAsked", atMs: NOW_MS });
  expect(await statuses()).toEqual(["Stopping"]);
  await runs.apply(ref("1", "mi-1"), exited(3));
  expect(await statuses()).toEqual(["Finished"]); // by 2.2 it is PartialFailed; the word is of both, and the filter is InvokeStatus'
  await seat.reopen();
  expect((await seat.store.invocations.list({ ...everything, invokeStatus: "Finished" }, { limit: 1 })).total).toBe(1);
});
