import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "./wall-time.ts";

/** A stretch of time, `untilMs` excluded, in which the zone's offset does not change. It may end where nothing changes. */
export type Span = { readonly fromMs: number; readonly untilMs: number; readonly offsetMs: number };

/** The wall clocks of a zone: wall time = instant + offset, east of Greenwich positive. */
export type ZoneClock = { readonly spanAt: (atMs: number) => Span };

/** The offsets of the world lie between -12 and +14 hours: a clock cannot be put back or forward by more. */
export const LARGEST_CHANGE_MS = 26 * HOUR_MS;

/**
 * Offsets are asked for at the ends of stretches this long and looked for in between only where they differ. The shortest
 * time between two changes in any zone, 1970 to 2099, is 167 hours (Recife 2000, Gaza 2040), so a stretch has one at most.
 */
const BLOCK_MS = 4 * DAY_MS;
/** Blocks whose offsets are kept: 1970 to 2099. 48 KB a zone. */
const KEPT_BLOCKS = Math.ceil((130 * 365.25 * DAY_MS) / BLOCK_MS);
const UNKNOWN = 0x7fff_ffff;

/** A clock that is never changed. */
export function fixedClock(offsetMs: number): ZoneClock {
  const span = { fromMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY, offsetMs };
  return { spanAt: () => span };
}

/**
 * The clock of a named zone by the rules of the runtime. What was found out is kept, as asking costs a microsecond.
 * @param readOffsetMs the zone's offset at an instant
 */
export function changingClock(readOffsetMs: (atMs: number) => number): ZoneClock {
  const known = new Int32Array(KEPT_BLOCKS).fill(UNKNOWN);
  const changes = new Map<number, readonly [Span, Span]>();
  let last: Span = { fromMs: 0, untilMs: 0, offsetMs: 0 };

  const offsetAtStart = (block: number): number => {
    const kept = known[block];
    if (kept !== undefined && kept !== UNKNOWN) return kept;
    const offsetMs = readOffsetMs(block * BLOCK_MS);
    if (kept !== undefined) known[block] = offsetMs;
    return offsetMs;
  };
  const halvesOf = (block: number, beforeMs: number, afterMs: number): readonly [Span, Span] => {
    const kept = changes.get(block);
    if (kept) return kept;
    const [fromMs, untilMs] = [block * BLOCK_MS, (block + 1) * BLOCK_MS];
    const changeMs = findChange(readOffsetMs, fromMs, untilMs, beforeMs);
    const halves = [
      { fromMs, untilMs: changeMs, offsetMs: beforeMs },
      { fromMs: changeMs, untilMs, offsetMs: afterMs },
    ] as const;
    if (known[block] !== undefined) changes.set(block, halves);
    return halves;
  };
  const findSpan = (atMs: number): Span => {
    const block = Math.floor(atMs / BLOCK_MS);
    const beforeMs = offsetAtStart(block);
    const afterMs = offsetAtStart(block + 1);
    if (beforeMs === afterMs) return { fromMs: block * BLOCK_MS, untilMs: (block + 1) * BLOCK_MS, offsetMs: beforeMs };
    const [before, after] = halvesOf(block, beforeMs, afterMs);
    return atMs < before.untilMs ? before : after;
  };
  return {
    spanAt: (atMs) => {
      if (atMs < last.fromMs || atMs >= last.untilMs) last = findSpan(atMs);
      return last;
    },
  };
}

/** The first second with another offset than at `fromMs`, by halving. */
function findChange(readOffsetMs: (atMs: number) => number, fromMs: number, untilMs: number, offsetMs: number): number {
  let before = fromMs / SECOND_MS;
  let after = untilMs / SECOND_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (readOffsetMs(middle * SECOND_MS) === offsetMs) before = middle;
    else after = middle;
  }
  return after * SECOND_MS;
}

/** Reads the offset of a zone that `Intl` knows. @throws {RangeError} when it does not know it. */
export function intlOffsetReader(zone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    timeZoneName: "longOffset",
    hour: "numeric",
    hourCycle: "h23",
  });
  return (atMs) => {
    const [, sign, hours, minutes, seconds = "0"] =
      /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(atMs)) ?? [];
    if (sign === undefined) return 0; // plain GMT
    const offsetMs = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds) * SECOND_MS;
    return sign === "-" ? -offsetMs : offsetMs;
  };
}

export function wallAt(clock: ZoneClock, atMs: number): number {
  return atMs + clock.spanAt(atMs).offsetMs;
}

/** The first instant at which the clock shows `wallMs` or, when it is put forward past it, something later. */
export function firstReaching(clock: ZoneClock, wallMs: number): number {
  // no offset reaches 24 hours, so the clock has not been there yet
  for (let fromMs = wallMs - DAY_MS; ;) {
    const { untilMs, offsetMs } = clock.spanAt(fromMs);
    const atMs = Math.max(fromMs, wallMs - offsetMs);
    if (atMs < untilMs) return atMs;
    fromMs = untilMs;
  }
}

/** The latest wall time, in whole seconds, that the clock has shown up to `atMs`: later than the present one after it was put back. */
export function latestShown(clock: ZoneClock, atMs: number): number {
  let { fromMs, offsetMs } = clock.spanAt(atMs);
  let latestMs = atMs + offsetMs;
  while (fromMs > atMs - LARGEST_CHANGE_MS) {
    const untilMs = fromMs;
    ({ fromMs, offsetMs } = clock.spanAt(untilMs - SECOND_MS));
    latestMs = Math.max(latestMs, untilMs - SECOND_MS + offsetMs);
  }
  return latestMs;
}

/** The clock is put forward (a gap: `toWallMs` later) or back (a double: earlier) at an instant. */
export type ClockChange = { readonly atMs: number; readonly fromWallMs: number; readonly toWallMs: number };

/** The changes after `fromMs` up to `untilMs`, in order. */
export function changesBetween(clock: ZoneClock, fromMs: number, untilMs: number): ClockChange[] {
  const changes: ClockChange[] = [];
  let span = clock.spanAt(fromMs);
  while (span.untilMs <= untilMs) {
    const next = clock.spanAt(span.untilMs);
    const atMs = next.fromMs;
    if (next.offsetMs !== span.offsetMs)
      changes.push({ atMs, fromWallMs: atMs + span.offsetMs, toWallMs: atMs + next.offsetMs });
    span = next;
  }
  return changes;
}
