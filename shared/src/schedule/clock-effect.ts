import { nextMatch } from "./cron/search.ts";
import type { Schedule } from "./schedule.ts";
import type { ClockChange } from "./zone/clock.ts";
import { DAY_MS, formatWall, SECOND_MS } from "./zone/wall-time.ts";

/** Times that are counted; of more it is only said that there are more. */
const COUNTED_MAX = 1000;

/** What a change of the clock does to a schedule, and whether it `matches` times of it. */
export function describeChange(
  schedule: Schedule,
  change: ClockChange,
): { readonly text: string; readonly matches: boolean } {
  const { fromWallMs, toWallMs } = change;
  const gap = toWallMs > fromWallMs;
  const from = formatWall(fromWallMs);
  const to = shorten(toWallMs, fromWallMs);
  const what = gap ? `the clock skips from ${from} to ${to}` : `the clock goes back from ${from} to ${to}`;
  const times = timesWithin(schedule, Math.min(fromWallMs, toWallMs), Math.max(fromWallMs, toWallMs));
  const [first, second] = times;
  if (first === undefined) return { text: what, matches: false };
  const many = times.length > COUNTED_MAX ? `more than ${COUNTED_MAX} times` : `${times.length} times`;
  const which = second === undefined ? shorten(first, fromWallMs) : `${many} from ${shorten(first, fromWallMs)} on`;
  const everyPass = schedule.kind === "cron" && schedule.everyPass;
  return { text: `${what}: ${which} ${effect({ everyPass, gap, several: second !== undefined, to })}`, matches: true };
}

type Effect = { readonly everyPass: boolean; readonly gap: boolean; readonly several: boolean; readonly to: string };

function effect({ everyPass, gap, several, to }: Effect): string {
  const run = several ? "run" : "runs";
  if (everyPass) return gap ? `${several ? "are" : "is"} left out` : `${run} twice`;
  return gap ? `${run} once, at ${to}` : `${run} at the first showing only`;
}

/** The wall times of a schedule in a stretch that the clock skips or shows twice; a rate has none. */
function timesWithin(schedule: Schedule, fromMs: number, untilMs: number): number[] {
  if (schedule.kind === "rate") return [];
  if (schedule.kind === "at") return schedule.wallMs >= fromMs && schedule.wallMs < untilMs ? [schedule.wallMs] : [];
  const times: number[] = [];
  let wallMs = nextMatch(schedule, fromMs, { steps: 0 });
  while (wallMs !== undefined && wallMs < untilMs && times.length <= COUNTED_MAX) {
    times.push(wallMs);
    wallMs = nextMatch(schedule, wallMs + SECOND_MS, { steps: 0 });
  }
  return times;
}

/** The time alone where the date was named before. */
function shorten(wallMs: number, namedMs: number): string {
  const text = formatWall(wallMs);
  return Math.floor(wallMs / DAY_MS) === Math.floor(namedMs / DAY_MS) ? text.slice(11) : text;
}
