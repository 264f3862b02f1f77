import { Refusal } from "../refusal.ts";
import { quote, splitCommas, type Piece } from "../text.ts";

export type FieldKind = {
  readonly name: "second" | "minute" | "hour" | "day of month" | "month" | "weekday" | "year";
  readonly min: number;
  readonly max: number;
  /** Last value of a star, alone or in steps, where it is not `max`. */
  readonly starMax?: number;
  /** Largest n of `/n`. */
  readonly maxStep: number;
  /** Three letters or the whole name, and the value. */
  readonly names?: readonly string[];
};

const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

export const SECOND: FieldKind = { name: "second", min: 0, max: 59, maxStep: 59 };
export const MINUTE: FieldKind = { name: "minute", min: 0, max: 59, maxStep: 59 };
export const HOUR: FieldKind = { name: "hour", min: 0, max: 23, maxStep: 23 };
export const DAY: FieldKind = { name: "day of month", min: 1, max: 31, maxStep: 31 };
export const MONTH: FieldKind = { name: "month", min: 1, max: 12, maxStep: 12, names: MONTHS };
/** 0 and 7 are both Sunday, so that 1-7 is Monday to Sunday and 0-6 Sunday to Saturday. */
export const WEEKDAY: FieldKind = { name: "weekday", min: 0, max: 7, starMax: 6, maxStep: 6, names: WEEKDAYS };
export const YEAR: FieldKind = { name: "year", min: 1970, max: 2099, maxStep: 2099 };

/** Some of the values of a field: for each value, from `min` on, the smallest one that is in it and not before. */
export type FieldSet = { readonly min: number; readonly next: Int16Array };
/** There is no such value. */
export const NONE = -1;

export function atOrAfter({ min, next }: FieldSet, value: number): number {
  return next[value < min ? 0 : value - min] ?? NONE;
}

/** Values from `first` to `last` in steps. `star`: all of them, written `*` or `?`. */
export type Range = { readonly first: number; readonly last: number; readonly step: number; readonly star: boolean };

/** A field of lists, ranges, steps and names. */
export function readField(kind: FieldKind, piece: Piece): FieldSet | Refusal {
  const ranges: Range[] = [];
  for (const item of itemsOf(kind, piece)) {
    if (item instanceof Refusal) return item;
    const range = readRange(kind, item);
    if (range instanceof Refusal) return range;
    ranges.push(range);
  }
  return toFieldSet(kind, ranges);
}

/** The items of a list; empty ones are passed over as the original does, but something must be there. */
export function itemsOf(kind: FieldKind, piece: Piece): (Piece | Refusal)[] {
  const items = splitCommas(piece);
  return items.length > 0 ? items : [badCron(piece, `the list of the ${kind.name} is empty`)];
}

export function readRange(kind: FieldKind, item: Piece): Range | Refusal {
  const [, body = "", slash, stepText = ""] = /^([^/]*)(?:(\/)(.*))?$/s.exec(item.text) ?? [];
  const step = slash === undefined ? 1 : readStep(kind, { text: stepText, at: item.at + body.length + 1 });
  if (step instanceof Refusal) return step;
  if (body === "*" || (body === "?" && slash === undefined))
    return { first: kind.min, last: kind.starMax ?? kind.max, step, star: slash === undefined };
  const dash = body.indexOf("-");
  if (dash === -1) {
    const first = readValue(kind, { text: body, at: item.at });
    if (first instanceof Refusal) return first;
    return { first, last: slash === undefined ? first : kind.max, step, star: false };
  }
  const first = readValue(kind, { text: body.slice(0, dash), at: item.at });
  if (first instanceof Refusal) return first;
  const last = readValue(kind, { text: body.slice(dash + 1), at: item.at + dash + 1 }, "last");
  if (last instanceof Refusal) return last;
  if (last < first) return badCron(item, `the ${kind.name} range ${quote(body)} runs backwards`);
  return { first, last, step, star: false };
}

/** A number, with one leading zero at most, or a name. Sunday at the end of a range is 7, so that FRI-SUN goes forward. */
export function readValue(kind: FieldKind, piece: Piece, place: "first" | "last" = "first"): number | Refusal {
  const { text } = piece;
  if (kind.names && /^[a-z]+$/i.test(text)) {
    const index = kind.names.findIndex(
      (name) => name === text.toLowerCase() || name.slice(0, 3) === text.toLowerCase(),
    );
    if (index === -1) return badCron(piece, `${quote(text)} is no ${kind.name}`);
    return kind === WEEKDAY && index === 0 && place === "last" ? kind.max : index + kind.min;
  }
  if (!/^\d+$/.test(text))
    return badCron(piece, text === "" ? `a ${kind.name} is missing` : `${quote(text)} is no ${kind.name}`);
  if (/^0\d\d/.test(text))
    return badCron(piece, `the ${kind.name} ${quote(text)} has more than two digits or one leading zero`);
  const value = Number(text);
  if (value < kind.min || value > kind.max)
    return badCron(piece, `the ${kind.name} ${quote(text)} is not within ${kind.min} to ${kind.max}`);
  return value;
}

function readStep(kind: FieldKind, piece: Piece): number | Refusal {
  const step = /^(?:0?[1-9]|[1-9]\d{1,3})$/.test(piece.text) ? Number(piece.text) : NaN;
  if (step <= kind.maxStep) return step;
  return badCron(piece, `the step ${quote(piece.text)} of the ${kind.name} is not within 1 to ${kind.maxStep}`);
}

function toFieldSet({ min, max }: FieldKind, ranges: readonly Range[]): FieldSet {
  const members = new Uint8Array(max - min + 1);
  for (const { first, last, step } of ranges)
    for (let value = first; value <= last; value += step) members[value - min] = 1;
  const next = new Int16Array(members.length);
  for (let index = members.length - 1, found = NONE; index >= 0; index -= 1) {
    if (members[index] === 1) found = index + min;
    next[index] = found;
  }
  return { min, next };
}

export function badCron({ at }: Piece, reason: string): Refusal {
  return new Refusal("BadCronExpression", at + 1, reason);
}
