import { firstReaching, type ZoneClock } from "@cloud-assistant/shared/schedule/zone/clock";

const ISO_TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?))?(Z|[+-]\d\d:\d\d)?$/;

/** An ISO 8601 time as epoch milliseconds; without an offset it is what `clock` shows. undefined when it is no time. */
export function readInstant(text: string, clock: ZoneClock): number | undefined {
  const [, date, time = "00:00", offset] = ISO_TIME.exec(text) ?? [];
  if (date === undefined) return undefined;
  const ms = Date.parse(`${date}T${time}${offset ?? "Z"}`);
  if (Number.isNaN(ms)) return undefined;
  return offset === undefined ? firstReaching(clock, ms) : ms;
}
