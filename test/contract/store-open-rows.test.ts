import type { RunEvent } from "@cloud-assistant/control-plane/domain/run";
import { afterEach, beforeEach, expect, test } from "vitest";
import { integer, seededRandom } from "../support/random.ts";
import {
  ACCOUNT,
  aNonce,
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

const run = ref("1", "mi-1");
const started: RunEvent = { type: "started", atMs: NOW_MS + 1 };

test("an end waits for its output: in the same batch, and in a later one", async () => {
  await seat.store.invocations.create(sent(anInvocation("1"), "mi-1", "mi-2"), aNonce());
  const { runs, output } = seat.store;
  const [early, stored, end, late] = await Promise.all([
    runs.apply(run, exited(0), 3),
    output.append(run, 0, Buffer.from("abc")),
    runs.apply(run, exited(0), 3),
    output.append(run, 3, Buffer.from("d")),
  ]);
  expect(early).toMatchObject({ run: { status: "Pending" }, outputBytes: 0 });
  expect(stored).toBe(3);
  expect(end).toMatchObject({ run: { status: "Success" }, outputBytes: 3, revision: 1 });
  expect(late).toBe(4); // over: not stored, and let go
  const other = ref("1", "mi-2");
  expect(await runs.apply(other, exited(0), 1)).toMatchObject({ run: { status: "Pending" }, revision: 0 });
  await output.append(other, 0, Buffer.from("a"));
  expect(await runs.apply(other, exited(0), 1)).toMatchObject({ run: { status: "Success" } });
  const store = await seat.reopen();
  expect(await store.runs.find(run)).toEqual(end);
  expect((await store.output.read(run, 0, 10)).bytes).toEqual(Buffer.from("abc"));
});

test("a write that fails takes nothing of the others with it, and leaves nothing of its own in memory", async () => {
  const { invocations, runs, output } = seat.store;
  await invocations.create(sent(anInvocation("1"), "mi-1"), aNonce());
  const [first, twice, piece] = await Promise.allSettled([
    runs.apply(run, started),
    invocations.create(sent(anInvocation("1"), "mi-1"), aNonce()), // its row is there already
    output.append(run, 0, Buffer.from("abc")),
  ]);
  expect([first.status, twice.status, piece.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(await runs.apply(run, exited(0), 3)).toMatchObject({
    run: { status: "Success" },
    revision: 2,
    outputBytes: 3,
  });
});

test.each([1, 2, 3])("what the open rows say is what is on the disk, seed %i", async (seed) => {
  const random = seededRandom(seed);
  const instances = ["mi-1", "mi-2", "mi-3"];
  const all = ["1", "2", "3"].flatMap((id) => instances.map((instanceId) => ref(id, instanceId)));
  await seat.store.invocations.create(sent(anInvocation("1"), ...instances), aNonce());
  await seat.store.invocations.create(waiting(anInvocation("2"), ...instances), aNonce());
  await seat.store.invocations.create(sent(anInvocation("3"), ...instances), aNonce());
  const { runs, output, invocations } = seat.store;
  const acts: ((of: (typeof all)[number]) => Promise<unknown>)[] = [
    (of) => runs.markSent(of, "L", NOW_MS),
    (of) => runs.markTaken(of, NOW_MS + 1),
    (of) => runs.apply(of, started),
    (of) => runs.apply(of, { type: "unsent" }),
    (of) => runs.apply(of, exited(integer(random, 0, 1)), integer(random, 0, 4)),
    (of) => output.append(of, integer(random, 0, 4), Buffer.alloc(integer(random, 1, 3), 65)),
    (of) => output.appendGap(of, 2, 4),
    (of) => runs.stop(of.invokeId, [of.instanceId], NOW_MS + 2, aNonce()),
    () => invocations.create(sent(anInvocation("1"), "mi-1"), aNonce()),
  ];
  for (let batch = 0; batch < 12; batch++) {
    const asked = Array.from({ length: integer(random, 1, 8) }, () => {
      const of = all[integer(random, 0, all.length - 1)];
      return of && acts[integer(random, 0, acts.length - 1)]?.(of);
    });
    await Promise.allSettled(asked);
  }
  const remembered = await Promise.all(all.map((of) => runs.find(of)));
  const listed = await runs.list({ accountId: ACCOUNT, regionId: REGION, tags: [] }, { limit: 100 });
  const store = await seat.reopen();
  expect(await Promise.all(all.map((of) => store.runs.find(of)))).toEqual(remembered);
  expect(await store.runs.list({ accountId: ACCOUNT, regionId: REGION, tags: [] }, { limit: 100 })).toEqual(listed);
});
