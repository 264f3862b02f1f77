import { Refusal } from "../refusal.ts";
import { quote, type Piece } from "../text.ts";
import { badCron, DAY, itemsOf, readRange, readValue, WEEKDAY } from "./field.ts";

/** Days of a month as bits: bit 0 is the 1st. */
type DayBits = number;

/** The days a field chooses, for a month that begins on `firstWeekday` (0 is Sunday) and has `length` days. */
type DayChoice = (firstWeekday: number, length: number) => DayBits;

/** A field of days: `restricted` unless it is or contains `*` or `?`. */
type DayField = { readonly restricted: boolean; readonly choices: readonly DayChoice[] };

/** For each of the 28 shapes of a month, the days on which to run. */
export type MonthDays = Int32Array;

const SHORTEST_MONTH = 28;
const LONGEST_MONTH = 31;
const LENGTHS = LONGEST_MONTH - SHORTEST_MONTH + 1;

export function daysOf(days: MonthDays, firstWeekday: number, length: number): DayBits {
  return days[firstWeekday * LENGTHS + length - SHORTEST_MONTH] ?? 0;
}

/** Day of month and weekday together: if both are restricted, either is enough. */
export function readMonthDays(dayPiece: Piece, weekdayPiece: Piece): MonthDays | Refusal {
  const day = readDayField(dayPiece);
  if (day instanceof Refusal) return day;
  const weekday = readWeekdayField(weekdayPiece);
  if (weekday instanceof Refusal) return weekday;
  const restricting = [day, weekday].filter(({ restricted }) => restricted);
  const choices = restricting.length > 0 ? restricting.flatMap((field) => field.choices) : [everyDay];
  const days = new Int32Array(7 * LENGTHS);
  for (let firstWeekday = 0; firstWeekday < 7; firstWeekday += 1)
    for (let length = SHORTEST_MONTH; length <= LONGEST_MONTH; length += 1) {
      let bits = 0;
      for (const choose of choices) bits |= choose(firstWeekday, length);
      days[firstWeekday * LENGTHS + length - SHORTEST_MONTH] = bits & everyDay(firstWeekday, length);
    }
  return days;
}

function readDayField(piece: Piece): DayField | Refusal {
  return collect(itemsOf(DAY, piece), (item) => {
    const text = item.text.toUpperCase();
    if (text === "L") return (_, length) => dayBit(length);
    if (text === "LW") return (firstWeekday, length) => nearestWorkday(length, firstWeekday, length);
    if (text.endsWith("W")) {
      const day = readValue(DAY, { text: item.text.slice(0, -1), at: item.at });
      return day instanceof Refusal
        ? day
        : (firstWeekday, length) => (day > length ? 0 : nearestWorkday(day, firstWeekday, length));
    }
    if (text.startsWith("L")) return badCron(item, `${quote(item.text)} is no day of month: after L only W may follow`);
    return readPlain(DAY, item, dayBit);
  });
}

function readWeekdayField(piece: Piece): DayField | Refusal {
  return collect(itemsOf(WEEKDAY, piece), (item) => {
    const text = item.text;
    if (text.toUpperCase() === "L") return badCron(item, "L wants a weekday before it, such as 5L");
    const [, before, hash, ordinal = ""] = /^(.*?)(?:L|(#)(.*))$/is.exec(text) ?? [];
    if (before === undefined) return readPlain(WEEKDAY, item, undefined);
    const weekday = readValue(WEEKDAY, { text: before, at: item.at });
    if (weekday instanceof Refusal) return weekday;
    if (hash === undefined)
      return (firstWeekday, length) => {
        const first = firstOf(weekday, firstWeekday);
        return dayBit(first + Math.floor((length - first) / 7) * 7);
      };
    if (!/^[1-5]$/.test(ordinal))
      return badCron({ text, at: item.at + before.length + 1 }, `${quote(ordinal)} after # is not within 1 to 5`);
    return (firstWeekday) => dayBit(firstOf(weekday, firstWeekday) + (Number(ordinal) - 1) * 7);
  });
}

function collect(
  items: readonly (Piece | Refusal)[],
  read: (item: Piece) => DayChoice | "star" | Refusal,
): DayField | Refusal {
  const choices: DayChoice[] = [];
  let restricted = true;
  for (const item of items) {
    const choice = item instanceof Refusal ? item : read(item);
    if (choice instanceof Refusal) return choice;
    if (choice === "star") restricted = false;
    else choices.push(choice);
  }
  return { restricted, choices };
}

function readPlain(
  kind: typeof DAY,
  item: Piece,
  bitOf: ((day: number) => DayBits) | undefined,
): DayChoice | "star" | Refusal {
  const range = readRange(kind, item);
  if (range instanceof Refusal) return range;
  if (range.star) return "star";
  const values: number[] = [];
  for (let value = range.first; value <= range.last; value += range.step) values.push(value);
  if (bitOf) {
    const bits = values.reduce((all, day) => all | bitOf(day), 0);
    return () => bits;
  }
  return (firstWeekday) =>
    values.reduce((all, weekday) => {
      for (let day = firstOf(weekday, firstWeekday); day <= LONGEST_MONTH; day += 7) all |= dayBit(day);
      return all;
    }, 0);
}

/** The nearest Monday to Friday within the month. */
function nearestWorkday(day: number, firstWeekday: number, length: number): DayBits {
  const weekday = (firstWeekday + day - 1) % 7;
  if (weekday === 6) return dayBit(day > 1 ? day - 1 : day + 2);
  if (weekday === 0) return dayBit(day < length ? day + 1 : day - 2);
  return dayBit(day);
}

/** The first of these weekdays in the month, a day of it. */
function firstOf(weekday: number, firstWeekday: number): number {
  return ((weekday - firstWeekday + 7) % 7) + 1;
}

function everyDay(_firstWeekday: number, length: number): DayBits {
  return 2 ** length - 1;
}

/** 0 for a day that no month has, as a fifth weekday may be. */
function dayBit(day: number): DayBits {
  return day > LONGEST_MONTH ? 0 : 1 << (day - 1);
}
