import {
  firstLinkState,
  nextLinkState,
  type LinkEvent,
  type LinkState,
  type LossReason,
} from "@cloud-assistant/agent/link-state";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const BACKOFF = { baseMs: 1_000, capMs: 60_000 };
const REASONS: LossReason[] = [
  "unreachable",
  "busy",
  "lost",
  "silent",
  "badFrame",
  "goingAway",
  "replaced",
  "unproven",
  "cloned",
  "badVersion",
  "forged",
];
const HOPELESS: LossReason[] = ["replaced", "unproven", "cloned", "badVersion", "forged"];

const WAYS = [
  "connecting challenged proving",
  "proving welcomed proven",
  "connecting lost waiting",
  "proving lost waiting",
  "proven lost waiting",
  "waiting tick connecting",
  ...["connecting", "proving", "proven", "waiting"].map((from) => `${from} deregistered deregistered`),
];

const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const event = (atMs: number): fc.Arbitrary<LinkEvent> =>
  fc.oneof(
    fc.constant<LinkEvent>({ type: "challenged", serverNonce: "n" }),
    fc.constant<LinkEvent>({ type: "welcomed", atMs, backoff: BACKOFF }),
    fc.record({
      type: fc.constant("lost" as const),
      atMs: fc.constant(atMs),
      reason: fc.constantFrom(...REASONS),
      random: randoms,
      retryAfterMs: fc.nat(),
    }),
    fc.constant<LinkEvent>({ type: "tick", atMs }),
    fc.constant<LinkEvent>({ type: "deregistered" }),
  );
/** Events at growing times. */
const history = fc.array(fc.nat(100_000), { maxLength: 40 }).chain((steps) => {
  let atMs = 0;
  return fc.tuple(...steps.map((step) => event((atMs += step))));
});
const lost = (atMs: number, reason: LossReason, random = 0.5): LinkEvent => ({ type: "lost", atMs, reason, random });
const walk = (events: readonly LinkEvent[], from: LinkState = firstLinkState(0, BACKOFF)): LinkState =>
  events.reduce(nextLinkState, from);

test("only a challenge and then a welcome prove a connection", () => {
  fc.assert(
    fc.property(history, (events) => {
      const ways = new Set<string>();
      events.reduce(
        (was, next) => {
          const state = nextLinkState(was, next);
          if (state.status !== was.status) ways.add(`${was.status} ${next.type} ${state.status}`);
          return state;
        },
        firstLinkState(0, BACKOFF),
      );
      for (const way of ways) expect(WAYS).toContain(way);
    }),
  );
});

test("a wait ends, within twice the cap, and never before it is due", () => {
  fc.assert(
    fc.property(history, (events) => {
      const state = walk(events);
      fc.pre(state.status === "waiting");
      const lastMs = Math.max(0, ...events.map((past) => ("atMs" in past ? past.atMs : 0)));
      expect(state.dueMs).toBeLessThanOrEqual(lastMs + 2 * BACKOFF.capMs);
      expect(nextLinkState(state, { type: "tick", atMs: state.dueMs - 1 })).toBe(state);
      expect(nextLinkState(state, { type: "tick", atMs: state.dueMs }).status).toBe("connecting");
    }),
  );
});

test("the same event twice is the same as once, and closed is final", () => {
  fc.assert(
    fc.property(history, event(9_999_999), (events, next) => {
      const once = nextLinkState(walk(events), next);
      expect(nextLinkState(once, next)).toBe(once);
      const closed = nextLinkState(once, { type: "closed" });
      expect(nextLinkState(closed, next)).toBe(closed);
    }),
  );
});

/** The first nine delays after failures, milliseconds. */
function delays(random: number): number[] {
  let state = firstLinkState(0, BACKOFF);
  return Array.from({ length: 9 }, () => {
    state = nextLinkState(state, lost(0, "unreachable", random));
    const dueMs = state.status === "waiting" ? state.dueMs : Number.NaN;
    state = nextLinkState(state, { type: "tick", atMs: dueMs });
    return dueMs;
  });
}

test("delays double up to the cap, with full jitter", () => {
  expect(delays(0)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(delays(0.5)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  expect(delays(1 - 2 ** -20)).toEqual([999, 1_999, 3_999, 7_999, 15_999, 31_999, 59_999, 59_999, 59_999]);
});

test("only a connection that stayed proven as long as the longest delay starts the delays over", () => {
  const failed = walk([
    lost(0, "lost"),
    { type: "tick", atMs: 60_000 },
    lost(60_000, "lost"),
    { type: "tick", atMs: 120_000 },
  ]);
  const proven = walk(
    [
      { type: "challenged", serverNonce: "n" },
      { type: "welcomed", atMs: 120_000, backoff: BACKOFF },
    ],
    failed,
  );
  expect(nextLinkState(proven, lost(179_999, "lost"))).toMatchObject({ failures: 3, dueMs: 179_999 + 2_000 });
  expect(nextLinkState(proven, lost(180_000, "lost"))).toMatchObject({ failures: 1, dueMs: 180_000 + 500 });
  expect(nextLinkState(proven, lost(179_999, "goingAway"))).toMatchObject({ failures: 2 });
});

test("what a person must mend waits in the upper half of the longest delay", () => {
  for (const reason of HOPELESS) {
    expect(nextLinkState(firstLinkState(0, BACKOFF), lost(0, reason, 0))).toMatchObject({ dueMs: 30_000 });
    expect(nextLinkState(firstLinkState(0, BACKOFF), lost(0, reason, 1 - 2 ** -20))).toMatchObject({ dueMs: 59_999 });
  }
});

test("a welcome steers the delays from then on; a busy server's wish is bounded by them", () => {
  const steered = { baseMs: 100, capMs: 400 };
  const proven = walk([
    { type: "challenged", serverNonce: "n" },
    { type: "welcomed", atMs: 0, backoff: steered },
  ]);
  expect(nextLinkState(proven, lost(10, "lost"))).toMatchObject({ dueMs: 10 + 50, backoff: steered });
  expect(nextLinkState(proven, { ...lost(10, "busy"), retryAfterMs: 1e12 } as LinkEvent)).toMatchObject({
    dueMs: 10 + 400 + 50,
  });
});
