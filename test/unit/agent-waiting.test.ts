import { Coalesced } from "@cloud-assistant/agent/coalesced";
import { Slots } from "@cloud-assistant/agent/slots";
import { expect, test } from "vitest";

test("those who ask before an action begins are served by one, the next by another", async () => {
  const waiting: PromiseWithResolvers<void>[] = [];
  const coalesced = new Coalesced(() => {
    const action = Promise.withResolvers<void>();
    waiting.push(action);
    return action.promise;
  });
  const first = [coalesced.run(), coalesced.run()];
  await Promise.resolve();
  expect(waiting).toHaveLength(1);
  const second = [coalesced.run(), coalesced.run()];
  waiting[0]?.reject(new Error("disk"));
  await expect(Promise.allSettled(first)).resolves.toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
  await Promise.resolve();
  expect(waiting).toHaveLength(2);
  waiting[1]?.resolve();
  await expect(Promise.all(second)).resolves.toHaveLength(2);
});

test("slots are given in order; who gives up does not hold the others", async () => {
  const slots = new Slots(1);
  const never = new AbortController().signal;
  const gaveUp = new AbortController();
  const first = await slots.acquire(never);
  const [second, third] = [slots.acquire(gaveUp.signal), slots.acquire(never)];
  gaveUp.abort();
  await expect(second).resolves.toBeUndefined();
  const adopted = slots.take();
  first?.();
  adopted();
  await expect(third).resolves.toBeTypeOf("function");
});
