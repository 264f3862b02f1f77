import { Refusal } from "../refusal.ts";
import { quote, type Piece } from "../text.ts";
import { changingClock, fixedClock, intlOffsetReader, type ZoneClock } from "./clock.ts";
import { HOUR_MS, MINUTE_MS } from "./wall-time.ts";

/** A zone as an expression or a host names it, and its clocks. */
export type Zone = { readonly name: string; readonly clock: ZoneClock };

/** Each part of an IANA name begins with a capital letter. */
const IANA_NAME = /^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*)+$/;
const OFFSET = /^GMT([+-])(0|[1-9]\d?):(\d\d)$/;
/** GMT-12:59 to GMT+14:59 (api-facts 1.10). */
const MAX_HOURS = { "+": 14, "-": 12 } as const;

/** Clocks by the name the runtime gives them, so that all names of a zone share one and their number is bounded. */
const clocks = new Map<string, ZoneClock>();
/** Canonical names by the names they were asked for, as asking costs 160 µs. */
const canonicalNames = new Map<string, string>();
/** More than there are names (600); the runtime takes any mix of capitals, so callers could make up more. */
const KEPT_NAMES_MAX = 1000;

/** The zone of an expression: an IANA name, `GMT+8:00` or `UTC` (agent-facts 1.4). */
export function readZone({ text, at }: Piece): Zone | Refusal {
  const refuse = (reason: string): Refusal => new Refusal("TimezoneInformationCorrupt", at + 1, reason);
  if (text === "UTC" || text === "GMT") return { name: text, clock: fixedClock(0) };
  if (!text.includes("/") && /^(?:GMT|UTC)./i.test(text)) return readOffset({ text, at });
  if (!IANA_NAME.test(text))
    return refuse(`${quote(text)} is no IANA name such as Asia/Shanghai, no offset such as GMT+8:00, and not UTC`);
  const canonical = canonicalName(text);
  if (canonical === undefined) return refuse(`no time zone ${quote(text)} is known`);
  if (canonical !== text && canonical.toLowerCase() === text.toLowerCase())
    return refuse(`the time zone is written ${canonical}`);
  return { name: text, clock: clockOf(canonical) };
}

/** The zone of a host, named as in an expression or by any other name that the runtime knows; undefined for another one. */
export function findHostZone(name: string): Zone | undefined {
  const zone = readZone({ text: name, at: 0 });
  if (!(zone instanceof Refusal)) return zone;
  const canonical = canonicalName(name);
  return canonical === undefined ? undefined : { name, clock: clockOf(canonical) };
}

function readOffset({ text, at }: Piece): Zone | Refusal {
  const [, sign, hours = "", minutes = ""] = OFFSET.exec(text) ?? [];
  if (sign !== "+" && sign !== "-")
    return new Refusal(
      "InvalidGMTOffsetForTimezone",
      at + 1,
      `${quote(text)} is not written like GMT+8:00 or GMT-7:30, the hour without a leading zero`,
    );
  const max = MAX_HOURS[sign];
  if (Number(hours) > max)
    return new Refusal("InvalidGMTOffsetHourForTimezone", at + 5, `the hour of GMT${sign} is at most ${max}`);
  if (Number(minutes) > 59)
    return new Refusal(
      "InvalidGMTOffsetMinuteForTimezone",
      at + 6 + hours.length,
      "the minute of an offset is at most 59",
    );
  const offsetMs = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS;
  return { name: text, clock: fixedClock(sign === "-" ? -offsetMs : offsetMs) };
}

function canonicalName(name: string): string | undefined {
  const kept = canonicalNames.get(name);
  if (kept !== undefined) return kept;
  try {
    const canonical = new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone;
    if (canonicalNames.size < KEPT_NAMES_MAX) canonicalNames.set(name, canonical);
    return canonical;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function clockOf(canonical: string): ZoneClock {
  const kept = clocks.get(canonical);
  if (kept) return kept;
  const clock = changingClock(intlOffsetReader(canonical));
  clocks.set(canonical, clock);
  return clock;
}
