import { FREQUENCY_MAX_CHARACTERS } from "../limits.ts";
import { readAt, type AtSchedule } from "./at.ts";
import { readCron, type CronSchedule } from "./cron/expression.ts";
import { readRate, type RateSchedule } from "./rate.ts";
import { Refusal } from "./refusal.ts";
import { quote, trim } from "./text.ts";
import { findHostZone, type Zone } from "./zone/name.ts";

export type Schedule = RateSchedule | AtSchedule | CronSchedule;

/** A schedule on a host: what it needs to tell its runs. To be made anew when the host's zone changes. */
export type PlacedSchedule = {
  readonly schedule: Schedule;
  /** The zone whose clocks count: the expression's own, or the host's. */
  readonly zone: Zone;
  /** From where the intervals of a rate are counted. */
  readonly createdMs: number;
};

/** Reads a `Frequency`. Whether it still has a run, and how close they are, is a matter of `checkSchedule`. */
export function parseSchedule(frequency: string): Schedule | Refusal {
  if (frequency.length > FREQUENCY_MAX_CHARACTERS)
    return new Refusal("BadCronExpression", 1, `the expression has more than ${FREQUENCY_MAX_CHARACTERS} characters`);
  const whole = trim({ text: frequency, at: 0 });
  if (/^rate/i.test(whole.text)) return readRate(whole);
  if (/^at/i.test(whole.text)) return readAt(whole);
  return readCron(whole);
}

/** @param hostZone the zone of the host as its runtime names it, for a schedule that has none */
export function placeSchedule(
  schedule: Schedule,
  { createdMs, hostZone }: { readonly createdMs: number; readonly hostZone: string },
): PlacedSchedule | Refusal {
  const zone = (schedule.kind === "rate" ? undefined : schedule.zone) ?? findHostZone(hostZone);
  if (zone === undefined)
    return new Refusal("TimezoneInformationCorrupt", 1, `the host's time zone ${quote(hostZone)} is unknown`);
  return { schedule, zone, createdMs };
}
