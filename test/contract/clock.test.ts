import { systemClock as agentClock } from "@cloud-assistant/agent/clock";
import { systemClock as controlPlaneClock } from "@cloud-assistant/control-plane/clock";
import { MAX_SLEEP_MS, type Clock } from "@cloud-assistant/shared/clock";
import { describe, expect, test } from "vitest";
import { ManualClock } from "../support/manual-clock.ts";

/** Each clock with what lets `ms` pass until `asleep` has settled. */
const CLOCKS: [string, () => { clock: Clock; passing: (ms: number, asleep: Promise<unknown>) => Promise<unknown> }][] =
  [
    ["the agent's", () => ({ clock: agentClock, passing: (_, asleep) => asleep })],
    ["the control plane's", () => ({ clock: controlPlaneClock, passing: (_, asleep) => asleep })],
    [
      "the tests'",
      () => {
        const clock = new ManualClock();
        return { clock, passing: (ms, asleep) => Promise.all([asleep, clock.advance(ms)]) };
      },
    ],
  ];

describe.each(CLOCKS)("%s clock", (_, make) => {
  test("a sleep lasts as long as asked, by both clocks", async () => {
    const { clock, passing } = make();
    const [wallMs, elapsedMs] = [clock.now(), clock.elapsed()];
    await passing(20, clock.sleep(20));
    expect(clock.elapsed() - elapsedMs).toBeGreaterThanOrEqual(19); // Node's timers count whole milliseconds
    expect(clock.now() - wallMs).toBeGreaterThanOrEqual(18);
  });

  test("sleeps end in the order of their times, not of their beginnings", async () => {
    const { clock, passing } = make();
    const order: number[] = [];
    const sleep = (ms: number) => clock.sleep(ms).then(() => order.push(ms));
    await passing(40, Promise.all([sleep(40), sleep(0), sleep(20)]));
    expect(order).toEqual([0, 20, 40]);
  });

  test("an aborted sleep says so and why, before or after it began", async () => {
    const { clock } = make();
    const reason = new Error("enough");
    const abort = new AbortController();
    const early = clock.sleep(60_000, abort.signal);
    abort.abort(reason);
    await expect(early).rejects.toMatchObject({ name: "AbortError", cause: reason });
    await expect(clock.sleep(60_000, abort.signal)).rejects.toMatchObject({ name: "AbortError", cause: reason });
  });

  test("what no timer can hold is refused", async () => {
    const { clock } = make();
    for (const ms of [-1, MAX_SLEEP_MS + 1, Number.NaN, Infinity])
      await expect(async () => clock.sleep(ms)).rejects.toThrow(RangeError);
  });
});

test("the tests' clock stands still, wakes on the way, and keeps a set wall clock apart", async () => {
  const clock = new ManualClock(1_000);
  const seen: number[] = [];
  const look = (): void => void seen.push(clock.elapsed());
  const twice = clock
    .sleep(5)
    .then(look)
    .then(() => clock.sleep(5))
    .then(look);
  await clock.advance(4);
  expect([seen, clock.pending, clock.nextMs]).toEqual([[], 1, 1]);
  clock.jump(-500);
  await clock.advance(6);
  await twice;
  expect([seen, clock.elapsed(), clock.now(), clock.pending]).toEqual([[5, 10], 10, 510, 0]);
});
