import { Refusal } from "../refusal.ts";
import { splitBlanks, type Piece } from "../text.ts";
import { readZone, type Zone } from "../zone/name.ts";
import { readMonthDays, type MonthDays } from "./days.ts";
import { badCron, HOUR, MINUTE, MONTH, readField, SECOND, YEAR, type FieldSet } from "./field.ts";

/** `sec min hour day-of-month month weekday [year] [zone]` (agent-facts 1.3). */
export type CronSchedule = {
  readonly kind: "cron";
  readonly seconds: FieldSet;
  readonly minutes: FieldSet;
  readonly hours: FieldSet;
  readonly days: MonthDays;
  readonly months: FieldSet;
  readonly years: FieldSet;
  /**
   * The hour is a star, alone or in steps: run whenever the clock shows a time of the expression, twice if it shows it
   * twice. Otherwise each time of each day is run for once (DESIGN 8).
   */
  readonly everyPass: boolean;
  /** undefined: the host's. */
  readonly zone: Zone | undefined;
};

const EVERY_PASS = /^(?:[*?]|\*\/\d+)$/;

export function readCron(whole: Piece): CronSchedule | Refusal {
  const pieces = splitBlanks(whole);
  const [second, minute, hour, day, month, weekday, ...rest] = pieces;
  if (!second || !minute || !hour || !day || !month || !weekday || rest.length > 2)
    return badCron(
      pieces[8] ?? whole,
      `a cron expression has 6 to 8 fields (second minute hour day month weekday [year] [zone]), not ${pieces.length}`,
    );
  const [yearPiece, zonePiece] = placeRest(rest);

  const seconds = readField(SECOND, second);
  if (seconds instanceof Refusal) return seconds;
  const minutes = readField(MINUTE, minute);
  if (minutes instanceof Refusal) return minutes;
  const hours = readField(HOUR, hour);
  if (hours instanceof Refusal) return hours;
  const days = readMonthDays(day, weekday);
  if (days instanceof Refusal) return days;
  const months = readField(MONTH, month);
  if (months instanceof Refusal) return months;
  const years = readField(YEAR, yearPiece ?? { text: "*", at: 0 });
  if (years instanceof Refusal) return years;
  const zone = zonePiece && readZone(zonePiece);
  if (zone instanceof Refusal) return zone;
  return { kind: "cron", seconds, minutes, hours, days, months, years, everyPass: EVERY_PASS.test(hour.text), zone };
}

/** A seventh field is a year if it is made of what years are made of, and a zone otherwise. */
function placeRest([seventh, eighth]: readonly Piece[]): [year: Piece | undefined, zone: Piece | undefined] {
  if (eighth || (seventh && /^[\d*?,/-]+$/.test(seventh.text))) return [seventh, eighth];
  return [undefined, seventh];
}
