/**
 * Wall time: what a clock on the wall shows, as the milliseconds from 1970-01-01T00:00:00 *on that clock*. It is no instant:
 * a clock that is put back shows the same wall time twice, and one that is put forward leaves some out.
 */
export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export type CalendarDate = { readonly year: number; readonly month: number; readonly day: number };

/** Days of 400 years, after which the Gregorian calendar repeats. */
const ERA_DAYS = 146_097;
/** Days from 0000-03-01 to 1970-01-01. The year is taken to begin in March, so that the leap day is its last. */
const MARCH_0000 = 719_468;

/** Days from 1970-01-01 to this date. @see https://howardhinnant.github.io/date_algorithms.html#days_from_civil */
export function toDayNumber(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * ERA_DAYS + dayOfEra - MARCH_0000;
}

/** The inverse of `toDayNumber`. @see https://howardhinnant.github.io/date_algorithms.html#civil_from_days */
export function toCalendarDate(dayNumber: number): CalendarDate {
  const fromMarch = dayNumber + MARCH_0000;
  const era = Math.floor(fromMarch / ERA_DAYS);
  const dayOfEra = fromMarch - era * ERA_DAYS;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

export type Month = {
  readonly year: number;
  readonly month: number;
  readonly firstDay: number;
  readonly length: number;
};

/** One search begins in the month in which the last one ended, and this is most of what a search costs. */
let lastMonth: Month = monthOf(1970, 1);

/** The month of a day. */
export function monthAround(dayNumber: number): Month {
  const into = dayNumber - lastMonth.firstDay;
  if (into >= 0 && into < lastMonth.length) return lastMonth;
  const { year, month } = toCalendarDate(dayNumber);
  lastMonth = monthOf(year, month);
  return lastMonth;
}

export function monthOf(year: number, month: number): Month {
  return { year, month, firstDay: toDayNumber(year, month, 1), length: daysInMonth(year, month) };
}

/** 0 is Sunday. */
export function weekdayOf(dayNumber: number): number {
  return (((dayNumber + 4) % 7) + 7) % 7; // 1970-01-01 was a Thursday
}

/** `2027-03-14T02:30:00` */
export function formatWall(wallMs: number): string {
  const dayNumber = Math.floor(wallMs / DAY_MS);
  const { year, month, day } = toCalendarDate(dayNumber);
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}T${formatTimeOfDay(wallMs - dayNumber * DAY_MS)}`;
}

/** `02:30:00` */
export function formatTimeOfDay(ms: number): string {
  const seconds = Math.floor(ms / SECOND_MS);
  return `${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
}

/** `+02:00`, `-00:44:30` */
export function formatOffset(offsetMs: number): string {
  const text = formatTimeOfDay(Math.abs(offsetMs));
  return `${offsetMs < 0 ? "-" : "+"}${text.endsWith(":00") ? text.slice(0, -3) : text}`;
}

function pad(value: number, digits = 2): string {
  return String(value).padStart(digits, "0");
}
