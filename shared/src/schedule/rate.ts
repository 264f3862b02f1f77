import { RATE_MAX_SECONDS, RATE_MIN_SECONDS } from "../limits.ts";
import { Refusal } from "./refusal.ts";
import { quote, type Piece } from "./text.ts";

/** `rate(5m)`: at a fixed interval from the creation on, the first time one interval after it (agent-facts 1.5). */
export type RateSchedule = { readonly kind: "rate"; readonly periodMs: number };

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

export function readRate({ text, at }: Piece): RateSchedule | Refusal {
  const refuse = (offset: number, reason: string): Refusal =>
    new Refusal("InvalidRateExpression", at + offset + 1, reason);
  const [, open, inside] = /^(rate[ \t]*\()(.*)\)$/is.exec(text) ?? [];
  if (open === undefined || inside === undefined) return refuse(0, `${quote(text)} is not written like rate(5m)`);
  const [, digits = "", unit = ""] = /^(\d+)[ \t]*([smhd])$/i.exec(inside) ?? [];
  if (digits === "") return refuse(open.length, `${quote(inside)} is no whole number followed by s, m, h or d`);
  const seconds = Number(digits) * (UNIT_SECONDS[unit.toLowerCase()] ?? NaN);
  if (seconds < RATE_MIN_SECONDS)
    return refuse(open.length, `the interval is shorter than ${RATE_MIN_SECONDS} seconds`);
  if (seconds > RATE_MAX_SECONDS)
    return new Refusal("RateFrequencyTooLarge", at + open.length + 1, "the interval is longer than 7 days");
  return { kind: "rate", periodMs: seconds * 1000 };
}

/** The first run after `afterMs`. A clock that stands before the creation changes nothing in the phase. */
export function nextRateRun({ periodMs }: RateSchedule, createdMs: number, afterMs: number): number {
  const passed = Math.floor((afterMs - createdMs) / periodMs);
  return createdMs + Math.max(1, passed + 1) * periodMs;
}
