import { CRON_MIN_DISTANCE_SECONDS } from "../limits.ts";
import { nextRun } from "./next-run.ts";
import { Refusal } from "./refusal.ts";
import type { PlacedSchedule } from "./schedule.ts";
import { changesBetween } from "./zone/clock.ts";
import { DAY_MS, formatWall, SECOND_MS } from "./zone/wall-time.ts";

/** Two runs one after the other. */
export type Pair = { readonly firstMs: number; readonly secondMs: number };

/** Runs whose distances are looked at, counted from now … */
const CHECKED_RUNS = 1000;
/** … and all those within a day of a clock change in this time, as there they come closer. */
const CHECKED_MS = 2 * 365 * DAY_MS;

/** What is left to ask of an expression that can be read: that it has a run, and that its runs keep their distance. */
export function checkSchedule(placed: PlacedSchedule, nowMs: number, timeoutSeconds: number): Refusal | undefined {
  const { schedule, zone } = placed;
  if (schedule.kind === "rate")
    return schedule.periodMs > timeoutSeconds * SECOND_MS
      ? undefined
      : new Refusal(
          "InvalidRateExpression",
          1,
          `the interval is not longer than the timeout of ${timeoutSeconds} seconds`,
        );
  if (nextRun(placed, nowMs) === undefined)
    return schedule.kind === "at"
      ? new Refusal("AtExpressionExpired", 1, `${formatWall(schedule.wallMs)} ${zone.name} is over`)
      : new Refusal("CronExpressionExpired", 1, "no date that it names is still to come until the end of 2099");
  if (schedule.kind === "at") return undefined;
  const minMs = minDistanceMs(timeoutSeconds);
  const pair = findTooClose(placed, nowMs, minMs);
  return pair && new Refusal("BadCronExpression", 1, explain(placed, pair, minMs));
}

/** Of the runs of a cron expression: 10 seconds, and not shorter than the timeout (RunCommand, Frequency). */
export function minDistanceMs(timeoutSeconds: number): number {
  return Math.max(CRON_MIN_DISTANCE_SECONDS, timeoutSeconds) * SECOND_MS;
}

/** The first two runs that are closer than `minMs`, seen from the runs themselves. */
export function findTooClose(placed: PlacedSchedule, afterMs: number, minMs: number): Pair | undefined {
  const close = findCloseRuns(placed, { afterMs, untilMs: Number.POSITIVE_INFINITY, count: CHECKED_RUNS }, minMs);
  if (close) return close;
  for (const { atMs } of changesBetween(placed.zone.clock, afterMs, afterMs + CHECKED_MS)) {
    const around = {
      afterMs: Math.max(afterMs, atMs - DAY_MS - 1),
      untilMs: atMs + DAY_MS,
      count: Number.POSITIVE_INFINITY,
    };
    const closeAround = findCloseRuns(placed, around, minMs);
    if (closeAround) return closeAround;
  }
  return undefined;
}

type Stretch = { readonly afterMs: number; readonly untilMs: number; readonly count: number };

function findCloseRuns(placed: PlacedSchedule, { afterMs, untilMs, count }: Stretch, minMs: number): Pair | undefined {
  let firstMs = nextRun(placed, afterMs);
  for (let seen = 1; firstMs !== undefined && seen < count && firstMs < untilMs; seen += 1) {
    const secondMs = nextRun(placed, firstMs);
    if (secondMs !== undefined && secondMs - firstMs < minMs) return { firstMs, secondMs };
    firstMs = secondMs;
  }
  return undefined;
}

function explain({ zone }: PlacedSchedule, { firstMs, secondMs }: Pair, minMs: number): string {
  const offsetMs = zone.clock.spanAt(firstMs).offsetMs;
  const [distance, min] = [(secondMs - firstMs) / SECOND_MS, minMs / SECOND_MS];
  const why = min > CRON_MIN_DISTANCE_SECONDS ? `the timeout of ${min} seconds` : `${min} seconds`;
  return `a run follows ${distance} seconds after that of ${formatWall(firstMs + offsetMs)} ${zone.name}, sooner than ${why}`;
}
