import { inRange, parseRange } from "../domain/activation.ts";
import { matchesGlob } from "./glob.ts";

export const FAMILIES = ["String", "Numeric", "Date", "Bool", "Ip"] as const;
export type Family = (typeof FAMILIES)[number];

export type Operator = {
  readonly family: Family;
  /** True when none of the policy's values matches, also when the request says nothing about the key. */
  readonly negated: boolean;
  /** Whether a policy may hold this value. */
  readonly isValue: (wanted: string) => boolean;
  readonly matches: (given: string, wanted: string) => boolean;
};

type Compare = (given: number, wanted: number) => boolean;
const equal: Compare = (given, wanted) => given === wanted;
const ORDERS: Readonly<Record<string, Compare>> = {
  LessThan: (given, wanted) => given < wanted,
  LessThanEquals: (given, wanted) => given <= wanted,
  GreaterThan: (given, wanted) => given > wanted,
  GreaterThanEquals: (given, wanted) => given >= wanted,
};

const any = (): boolean => true;
const lower = (text: string): string => text.toLowerCase();

/**
 * Every operator a condition may use, by its name.
 * @see https://www.alibabacloud.com/help/en/ram/conditional-operator
 */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ...both("String", "StringEquals", "StringNotEquals", any, (given, wanted) => given === wanted),
  ...both(
    "String",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    any,
    (given, wanted) => lower(given) === lower(wanted),
  ),
  ...both("String", "StringLike", "StringNotLike", any, (given, wanted) => matchesGlob(wanted, given)),
  ...ordered("Numeric", readNumber),
  ...ordered("Date", readDate),
  one(
    "Bool",
    "Bool",
    (wanted) => /^(?:true|false)$/i.test(wanted),
    (given, wanted) => lower(given) === lower(wanted),
  ),
  ...both("Ip", "IpAddress", "NotIpAddress", (wanted) => parseRange(wanted) !== undefined, isInside),
]);

function one(
  family: Family,
  name: string,
  isValue: Operator["isValue"],
  matches: Operator["matches"],
): [string, Operator] {
  return [name, { family, negated: false, isValue, matches }];
}

function both(
  family: Family,
  name: string,
  negation: string,
  isValue: Operator["isValue"],
  matches: Operator["matches"],
): [string, Operator][] {
  return [one(family, name, isValue, matches), [negation, { family, negated: true, isValue, matches }]];
}

/** `NumericEquals`, `DateLessThan`, …: by what both sides come to as numbers. */
function ordered(family: Family, read: (text: string) => number): [string, Operator][] {
  const isValue: Operator["isValue"] = (wanted) => !Number.isNaN(read(wanted));
  // nothing compares with NaN, so a request's value that cannot be read matches nothing
  const by =
    (compare: Compare): Operator["matches"] =>
    (given, wanted) =>
      compare(read(given), read(wanted));
  return [
    ...both(family, `${family}Equals`, `${family}NotEquals`, isValue, by(equal)),
    ...Object.entries(ORDERS).map(([name, compare]) => one(family, family + name, isValue, by(compare))),
  ];
}

function readNumber(text: string): number {
  return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : Number.NaN;
}

/** A day (from its first moment, UTC), or a time that says its zone: `2026-11-24T09:00:00+08:00`. */
function readDate(text: string): number {
  const whole = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text);
  return whole ? Date.parse(text) : Number.NaN;
}

function isInside(address: string, range: string): boolean {
  return inRange(range, address);
}
