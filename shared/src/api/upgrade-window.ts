const DAY_MINUTES = 24 * 60;
const WINDOW = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/;

/** `HH:mm-HH:mm`, up to 24:00; an end before the begin is on the next day. */
export function isUpgradeWindow(window: string): boolean {
  const [, , , endHour, endMinute] = WINDOW.exec(window) ?? [];
  return endHour !== undefined && !(endHour === "24" && endMinute !== "00");
}

/** @param window a valid one; the same time twice is no time */
export function windowMinutes(window: string): number {
  const [, fromHour, fromMinute, toHour, toMinute] = WINDOW.exec(window) ?? [];
  const from = Number(fromHour) * 60 + Number(fromMinute);
  const to = Number(toHour) * 60 + Number(toMinute);
  return to >= from ? to - from : to - from + DAY_MINUTES;
}
