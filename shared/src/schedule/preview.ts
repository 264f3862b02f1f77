import { checkSchedule, minDistanceMs } from "./check.ts";
import { describeChange } from "./clock-effect.ts";
import { nextRuns } from "./next-run.ts";
import type { PlacedSchedule, Schedule } from "./schedule.ts";
import { changesBetween, LARGEST_CHANGE_MS, wallAt, type ClockChange, type ZoneClock } from "./zone/clock.ts";
import { DAY_MS, formatOffset, formatWall, SECOND_MS } from "./zone/wall-time.ts";

/** `local` is in the schedule's zone, with its offset; `note` is empty where there is nothing to say. */
export type PreviewRun = { readonly at: string; readonly local: string; readonly note: string };
export type PreviewQuestion = { readonly afterMs: number; readonly count: number; readonly timeoutSeconds: number };

/** Clock changes of this time are told even when no run that is shown is near them. */
const WARNED_MS = 2 * 365 * DAY_MS;

/** The next runs, and what clocks do to them. */
export function previewRuns(placed: PlacedSchedule, { afterMs, count, timeoutSeconds }: PreviewQuestion): PreviewRun[] {
  const runs = nextRuns(placed, afterMs, count);
  const minMs = minDistanceMs(timeoutSeconds);
  return runs.map((runMs, index) => ({
    at: formatInstant(runMs),
    local: formatLocal(placed.zone.clock, runMs),
    note: notesOn(placed, { runMs, previousMs: runs[index - 1], afterMs, minMs }).join("; "),
  }));
}

/** Why RunCommand would refuse it, and which clock changes are going to touch it. */
export function previewWarnings(placed: PlacedSchedule, { afterMs, timeoutSeconds }: PreviewQuestion): string[] {
  const refusal = checkSchedule(placed, afterMs, timeoutSeconds);
  const affected = changesBetween(placed.zone.clock, afterMs, afterMs + WARNED_MS).flatMap((change) => {
    const { text, matches } = describeChange(placed.schedule, change);
    return matches ? [text] : [];
  });
  return [...(refusal ? [`RunCommand refuses it: ${refusal.toString()}`] : []), ...affected];
}

/** `2027-03-26T02:15:00Z` */
export function formatInstant(atMs: number): string {
  return `${formatWall(atMs)}${fraction(atMs)}Z`;
}

/** `2027-03-26T04:15:00+02:00` */
export function formatLocal(clock: ZoneClock, atMs: number): string {
  return `${formatWall(wallAt(clock, atMs))}${fraction(atMs)}${formatOffset(clock.spanAt(atMs).offsetMs)}`;
}

function fraction(atMs: number): string {
  const ms = ((atMs % SECOND_MS) + SECOND_MS) % SECOND_MS;
  return ms === 0 ? "" : `.${String(ms).padStart(3, "0")}`;
}

type Noted = {
  readonly runMs: number;
  readonly previousMs: number | undefined;
  readonly afterMs: number;
  readonly minMs: number;
};

function notesOn(
  { schedule, zone: { clock } }: PlacedSchedule,
  { runMs, previousMs, afterMs, minMs }: Noted,
): string[] {
  const notes = notesOnChanges(schedule, changesBetween(clock, previousMs ?? afterMs, runMs));
  const twice = showsTwice(clock, runMs);
  if (twice && schedule.kind !== "rate") notes.push(`the ${twice} of two times that the clock shows this`);
  if (previousMs !== undefined && runMs - previousMs < minMs)
    notes.push(`too short: ${(runMs - previousMs) / SECOND_MS} seconds after the run before, not ${minMs / SECOND_MS}`);
  return notes;
}

/** Those that do something to the schedule, and the others only when they are not many. */
function notesOnChanges(schedule: Schedule, changes: readonly ClockChange[]): string[] {
  const described = changes.map((change) => describeChange(schedule, change));
  const others = described.filter(({ matches }) => !matches).map(({ text }) => text);
  return [
    ...described.flatMap(({ text, matches }) => (matches ? [text] : [])),
    ...(others.length > 1 ? [`${others.length} clock changes`] : others),
  ];
}

/** Which showing of its wall time an instant is, where there are two. */
function showsTwice(clock: ZoneClock, atMs: number): "first" | "second" | undefined {
  const wallMs = wallAt(clock, atMs);
  const change = changesBetween(clock, atMs - LARGEST_CHANGE_MS, atMs + LARGEST_CHANGE_MS).find(
    ({ fromWallMs, toWallMs }) => wallMs >= toWallMs && wallMs < fromWallMs,
  );
  return change && (atMs < change.atMs ? "first" : "second");
}
