import { firstReaching, LARGEST_CHANGE_MS, latestShown, type ZoneClock } from "../zone/clock.ts";
import { DAY_MS, monthAround, monthOf, SECOND_MS, weekdayOf, type Month } from "../zone/wall-time.ts";
import { daysOf } from "./days.ts";
import type { CronSchedule } from "./expression.ts";
import { atOrAfter, NONE } from "./field.ts";

/** Counts the months and stretches of a zone that a search looks at, so that tests can hold it to a bound. */
export type StepCounter = { steps: number };

const DAY_SECONDS = DAY_MS / SECOND_MS;

/** The first run after `afterMs`; undefined when there is none until the end of 2099. */
export function nextCronRun(
  cron: CronSchedule,
  clock: ZoneClock,
  afterMs: number,
  counter: StepCounter = { steps: 0 },
): number | undefined {
  const lastMs = Math.floor(afterMs / SECOND_MS) * SECOND_MS;
  if (cron.everyPass) return nextShowing(cron, clock, lastMs + SECOND_MS, counter);
  // A time of the day is run for when the clock first reaches or passes it. So all times in one gap fall on its end, and
  // of a time that is shown twice only the first showing counts.
  const wallMs = nextMatch(cron, latestShown(clock, lastMs) + SECOND_MS, counter);
  return wallMs === undefined ? undefined : firstReaching(clock, wallMs);
}

/** The first instant from `fromMs` on at which the clock shows a time of the expression. */
function nextShowing(cron: CronSchedule, clock: ZoneClock, fromMs: number, counter: StepCounter): number | undefined {
  for (let atMs = fromMs; ;) {
    counter.steps += 1;
    const { untilMs, offsetMs } = clock.spanAt(atMs);
    const wallMs = nextMatch(cron, atMs + offsetMs, counter);
    if (wallMs !== undefined && wallMs - offsetMs < untilMs) return wallMs - offsetMs;
    if (untilMs - atMs < LARGEST_CHANGE_MS) atMs = untilMs; // the clock may be put back there, to times before `wallMs`
    else if (wallMs === undefined) return undefined;
    else atMs = firstReaching(clock, wallMs); // until then it shows only times between now and `wallMs`
  }
}

/** The first wall time from `fromMs` on (a whole second) that the expression names. */
export function nextMatch(cron: CronSchedule, fromMs: number, counter: StepCounter): number | undefined {
  const today = Math.floor(fromMs / DAY_MS);
  let day = nextDay(cron, today, counter);
  if (day === today) {
    const second = nextTimeOfDay(cron, fromMs / SECOND_MS - today * DAY_SECONDS);
    if (second !== NONE) return day * DAY_MS + second * SECOND_MS;
    day = nextDay(cron, today + 1, counter);
  }
  return day === undefined ? undefined : day * DAY_MS + firstTimeOfDay(cron) * SECOND_MS;
}

/** The first day from `fromDay` on. At most one step for each month up to the end of 2099. */
function nextDay(cron: CronSchedule, fromDay: number, counter: StepCounter): number | undefined {
  let month: Month | undefined = monthAround(fromDay);
  let over = fromDay - month.firstDay; // days of the month that are
  for (;;) {
    counter.steps += 1;
    if (atOrAfter(cron.years, month.year) === month.year && atOrAfter(cron.months, month.month) === month.month) {
      const left = daysOf(cron.days, weekdayOf(month.firstDay), month.length) >>> over;
      if (left !== 0) return month.firstDay + over + lowestBit(left);
    }
    month = monthAfter(cron, month);
    if (month === undefined) return undefined;
    over = 0;
  }
}

/** The next month that the fields of month and year allow. */
function monthAfter({ years, months }: CronSchedule, { year, month }: Month): Month | undefined {
  const sameYear = atOrAfter(years, year) === year ? atOrAfter(months, month + 1) : NONE;
  if (sameYear !== NONE) return monthOf(year, sameYear);
  const nextYear = atOrAfter(years, year + 1);
  return nextYear === NONE ? undefined : monthOf(nextYear, atOrAfter(months, 1));
}

/** Seconds of the day, from `second` on; `NONE` when the day is over. */
function nextTimeOfDay({ hours, minutes, seconds }: CronSchedule, second: number): number {
  let hour = Math.floor(second / 3600);
  let minute = Math.floor(second / 60) % 60;
  const sameHour = atOrAfter(hours, hour) === hour;
  if (sameHour) {
    if (atOrAfter(minutes, minute) === minute) {
      const next = atOrAfter(seconds, second % 60);
      if (next !== NONE) return hour * 3600 + minute * 60 + next;
      minute += 1;
    }
    const nextMinute = atOrAfter(minutes, minute);
    if (nextMinute !== NONE) return hour * 3600 + nextMinute * 60 + atOrAfter(seconds, 0);
    hour += 1;
  }
  const nextHour = atOrAfter(hours, hour);
  return nextHour === NONE ? NONE : nextHour * 3600 + atOrAfter(minutes, 0) * 60 + atOrAfter(seconds, 0);
}

function firstTimeOfDay({ hours, minutes, seconds }: CronSchedule): number {
  return atOrAfter(hours, 0) * 3600 + atOrAfter(minutes, 0) * 60 + atOrAfter(seconds, 0);
}

/** Index of the lowest bit that is set. */
function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
