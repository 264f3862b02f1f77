import { nextCronRun, type StepCounter } from "./cron/search.ts";
import { nextRateRun } from "./rate.ts";
import type { PlacedSchedule } from "./schedule.ts";

/** The first run later than `afterMs`; undefined when there is none any more. Costs about a microsecond, and keeps nothing. */
export function nextRun(
  { schedule, zone, createdMs }: PlacedSchedule,
  afterMs: number,
  counter?: StepCounter,
): number | undefined {
  switch (schedule.kind) {
    case "rate":
      return nextRateRun(schedule, createdMs, afterMs);
    case "at":
      return schedule.atMs > afterMs ? schedule.atMs : undefined;
    case "cron":
      return nextCronRun(schedule, zone.clock, afterMs, counter);
  }
}

/** The runs later than `afterMs`, one search for each that is taken. */
export function* runsAfter(placed: PlacedSchedule, afterMs: number): Generator<number, void, void> {
  for (let atMs = nextRun(placed, afterMs); atMs !== undefined; atMs = nextRun(placed, atMs)) yield atMs;
}

/** The first `count` runs later than `afterMs`, or fewer when there are no more. */
export function nextRuns(placed: PlacedSchedule, afterMs: number, count: number): number[] {
  const runs: number[] = [];
  let atMs = nextRun(placed, afterMs);
  while (runs.length < count && atMs !== undefined) {
    runs.push(atMs);
    if (runs.length < count) atMs = nextRun(placed, atMs);
  }
  return runs;
}
