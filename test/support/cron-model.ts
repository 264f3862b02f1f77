import * as fc from "fast-check";
import {
  dayItem,
  hourField,
  item,
  lastDayOf,
  listOf,
  minuteField,
  monthField,
  range,
  secondField,
  star,
  weekdayItem,
  yearField,
  zeroField,
  type ModelField,
  type Special,
  type WallFields,
} from "./cron-fields.ts";

export type ModelCron = {
  readonly text: string;
  /** The hour is a star, alone or in steps. */
  readonly everyPass: boolean;
  readonly allows: (wall: WallFields) => boolean;
  /** The first `count` wall times after `fromMs`, as if they were UTC; found by trying one day after the other until 2099. */
  readonly wallTimesAfter: (fromMs: number, count: number) => number[];
};

type CronFields = {
  readonly second: ModelField;
  readonly minute: ModelField;
  readonly hour: ModelField;
  readonly day: ModelField;
  readonly month: ModelField;
  readonly weekday: ModelField;
  readonly year: ModelField | undefined;
};

function toModel({ second, minute, hour, day, month, weekday, year }: CronFields): ModelCron {
  const fields = [second, minute, hour, day, month, weekday, ...(year ? [year] : [])];
  const restricted = [day, weekday].filter((field) => !field.star);
  const allowsDay = (wall: WallFields): boolean =>
    month.allows(wall) &&
    (year?.allows(wall) ?? true) &&
    (restricted.length === 0 || restricted.some((field) => field.allows(wall)));
  const allows = (wall: WallFields): boolean =>
    second.allows(wall) && minute.allows(wall) && hour.allows(wall) && allowsDay(wall);
  const timesOfDay = (wall: WallFields): number[] =>
    range(0, 23)
      .filter((each) => hour.allows({ ...wall, hour: each }))
      .flatMap((h) =>
        range(0, 59)
          .filter((each) => minute.allows({ ...wall, minute: each }))
          .flatMap((m) =>
            range(0, 59)
              .filter((each) => second.allows({ ...wall, second: each }))
              .map((s) => ((h * 60 + m) * 60 + s) * 1000),
          ),
      );
  const wallTimesAfter = (fromMs: number, count: number): number[] => {
    const found: number[] = [];
    for (let dayMs = Math.floor(fromMs / DAY_MS) * DAY_MS; found.length < count && dayMs < END_MS; dayMs += DAY_MS) {
      const wall = toWallFields(dayMs);
      if (allowsDay(wall))
        found.push(
          ...timesOfDay(wall)
            .map((ms) => dayMs + ms)
            .filter((ms) => ms > fromMs),
        );
    }
    return found.slice(0, count);
  };
  return {
    text: fields.map(({ text }) => text).join(" "),
    everyPass: /^(?:[*?]|\*\/\d+)$/.test(hour.text),
    allows,
    wallTimesAfter,
  };
}

const DAY_MS = 86_400_000;
const END_MS = Date.UTC(2100, 0, 1);

export function toWallFields(wallMs: number): WallFields {
  const date = new Date(wallMs);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

/** Expressions of the whole dialect. */
export function cronModels(): fc.Arbitrary<ModelCron> {
  return fc
    .record({
      second: secondField,
      minute: minuteField,
      hour: hourField,
      day: listOf(dayItem),
      month: monthField,
      weekday: listOf(weekdayItem),
      year: yearField,
    })
    .map(toModel);
}

const mostly = (items: fc.Arbitrary<Special>): fc.Arbitrary<ModelField> =>
  fc.oneof({ weight: 4, arbitrary: star }, { weight: 1, arbitrary: listOf(items) });

/** Expressions on second 0 that run on most days, of any month. */
export function frequentCronModels(): fc.Arbitrary<ModelCron> {
  return fc
    .record({
      second: zeroField,
      minute: minuteField,
      hour: hourField,
      day: mostly(dayItem),
      month: star,
      weekday: mostly(weekdayItem),
      year: fc.constant(undefined),
    })
    .map(toModel);
}

/** Expressions of what this dialect shares with `cron-parser`: no `W` and `LW`, no year, at most one `#`, names of three letters. */
export function sharedCronModels(): fc.Arbitrary<ModelCron> {
  const plainDays = item({ min: 1, max: 31 }).map(({ text, values }) => ({
    text,
    allows: ({ day }: WallFields) => values.includes(day),
  }));
  const last = fc.constant({ text: "L", allows: (wall: WallFields) => wall.day === lastDayOf(wall) });
  const plainWeekdays = item({ min: 0, max: 7, starMax: 6 }).map(({ text, values }) => ({
    text,
    allows: ({ weekday }: WallFields) => values.some((value) => value % 7 === weekday),
  }));
  const alone = weekdayItem
    .filter(({ text }) => /^\d[L#]/.test(text))
    .map(({ text, allows }) => ({ text, star: false, allows }));
  const weekday = fc.oneof({ weight: 4, arbitrary: listOf(plainWeekdays) }, { weight: 1, arbitrary: alone });
  const day = listOf(fc.oneof({ weight: 6, arbitrary: plainDays }, { weight: 1, arbitrary: last }));
  return fc
    .record({
      second: secondField,
      minute: minuteField,
      hour: hourField,
      day,
      month: monthField,
      weekday,
      year: fc.constant(undefined),
    })
    .map(toModel);
}
