import type { ModelCron } from "./cron-model.ts";
import { toWallFields } from "./cron-model.ts";

/** The wall clock of a zone read from its shown date and time, which the product never looks at. */
export function wallReader(zone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (atMs) => {
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = (
      format.format(atMs).match(/\d+/g) ?? []
    ).map(Number);
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
}

const PROBE_MS = 12 * 3_600_000;

/** The instants, to the minute, at which a zone's clock is put forward or back. */
export function findTransitions(zone: string, fromMs: number, untilMs: number): number[] {
  const wallAt = wallReader(zone);
  const offsetAt = (atMs: number): number => wallAt(atMs) - atMs;
  const found: number[] = [];
  let offsetMs = offsetAt(fromMs);
  for (let atMs = fromMs; atMs < untilMs; atMs += PROBE_MS) {
    const beforeMs = offsetMs;
    offsetMs = offsetAt(atMs + PROBE_MS);
    if (offsetMs === beforeMs) continue;
    const minutes = Array.from({ length: PROBE_MS / 60_000 }, (_, index) => atMs + (index + 1) * 60_000);
    found.push(minutes.find((minuteMs) => offsetAt(minuteMs) !== beforeMs) ?? atMs);
  }
  return found;
}

/** What a zone's clock shows, minute by minute, around an instant. */
export type Shown = readonly { readonly atMs: number; readonly wallMs: number }[];

export function showAround(zone: string, atMs: number, aroundMs: number): Shown {
  const wallAt = wallReader(zone);
  return Array.from({ length: (2 * aroundMs) / 60_000 }, (_, index) => atMs - aroundMs + index * 60_000).map(
    (minuteMs) => ({
      atMs: minuteMs,
      wallMs: wallAt(minuteMs),
    }),
  );
}

/**
 * The runs of an expression on second 0, by the two rules of DESIGN 8 taken word for word: look at every minute. Its first
 * minute must be one in which no earlier change of the clock can be felt.
 */
export function runsShown(model: ModelCron, shown: Shown): number[] {
  const matches = (wallMs: number): boolean => model.allows(toWallFields(wallMs));
  if (model.everyPass) return shown.filter(({ wallMs }) => matches(wallMs)).map(({ atMs }) => atMs);
  let latestMs = (shown[0]?.wallMs ?? 0) - 60_000;
  return shown.flatMap(({ atMs, wallMs }) => {
    let due = false; // a time that the clock has reached or passed now, and never before
    for (; latestMs < wallMs; latestMs += 60_000) due ||= matches(latestMs + 60_000);
    return due ? [atMs] : [];
  });
}
