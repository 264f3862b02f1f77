import { Refusal } from "./refusal.ts";
import { quote, trim, type Piece } from "./text.ts";
import { firstReaching } from "./zone/clock.ts";
import { readZone, type Zone } from "./zone/name.ts";
import { DAY_MS, daysInMonth, HOUR_MS, MINUTE_MS, SECOND_MS, toDayNumber } from "./zone/wall-time.ts";

/** `at(2026-06-06 13:15:30 Asia/Shanghai)`: once; UTC without a zone (RunCommand, Frequency). */
export type AtSchedule = {
  readonly kind: "at";
  /** The instant at which the zone's clock first shows this time, or passes it when it is put forward. */
  readonly atMs: number;
  readonly wallMs: number;
  readonly zone: Zone;
};

const INSIDE = /^((\d{4})-(\d\d)-(\d\d)[ \t]+(\d\d):(\d\d):(\d\d))([ \t].*)?$/s;

export function readAt({ text, at }: Piece): AtSchedule | Refusal {
  const refuse = (offset: number, reason: string): Refusal =>
    new Refusal("InvalidAtExpression", at + offset + 1, reason);
  const [, inside] = /^at\((.*)\)$/is.exec(text) ?? [];
  if (inside === undefined)
    return refuse(0, `${quote(text)} is not written like at(2026-06-06 13:15:30 Asia/Shanghai)`);
  const [, time = "", ...parts] = INSIDE.exec(inside) ?? [];
  if (time === "") return refuse(3, `${quote(inside)} does not begin with a time like 2026-06-06 13:15:30`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(0, 6).map(Number);
  if (month < 1 || month > 12) return refuse(8, `there is no month ${month}`);
  if (day < 1 || day > daysInMonth(year, month)) return refuse(11, `month ${month} of ${year} has no day ${day}`);
  if (hour > 23 || minute > 59 || second > 59)
    return refuse(3 + time.length - 8, `there is no time ${quote(time.slice(-8))}`);
  const named = trim({ text: parts[6] ?? "", at: at + 3 + time.length });
  const zone = readZone(named.text === "" ? { text: "UTC", at: named.at } : named);
  if (zone instanceof Refusal) return zone;
  const wallMs = toDayNumber(year, month, day) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS;
  return { kind: "at", atMs: firstReaching(zone.clock, wallMs), wallMs, zone };
}
