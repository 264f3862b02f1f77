import { parseSchedule, placeSchedule } from "@cloud-assistant/shared/schedule/schedule";
import { Refusal } from "@cloud-assistant/shared/schedule/refusal";
import { describe, expect, test } from "vitest";
import { place } from "../support/schedules.ts";

const refusalOf = (expression: string): [string, number] | undefined => {
  const schedule = parseSchedule(expression);
  return schedule instanceof Refusal ? [schedule.code, schedule.position] : undefined;
};

describe("taken", () => {
  test.each([
    // the examples of the RunCommand page
    "0 */20 * * * ?",
    "0 15 10 ? * * 2022 Asia/Shanghai",
    "0 0/30 10-11 * * ? 2022 GMT+8:00",
    "0 0/5 14 * 10 ? 2022/2 UTC",
    "rate(5m)",
    "at(2022-06-06 13:15:30 Asia/Shanghai)",
    "at(2022-06-06 13:15:30 GMT-7:00)",
    // bounds and forms of agent-facts 1.3 to 1.6
    "rate(60s)",
    "rate(604800s)",
    "rate(7d)",
    "RATE (168 H)",
    "at(2026-12-31 23:59:59)",
    "AT(2028-02-29 00:00:00 UTC)",
    "0 0 0 ? * *",
    "  0\t0  0 1 1 ?  ",
    "0 0 0 1 JAN,dec,September ?",
    "0 0 0 ? * MON-FRI",
    "0 0 0 ? * 1-7",
    "0 0 0 ? * FRI-SUN",
    "0 0 0 ? * SUN-SAT",
    "0 0 0 L,LW,15W,1w * ?",
    "0 0 0 ? * 5L,friL,1#1,MON#5",
    "*/59 */59 */23 */31 */12 */6 */2",
    "1,,2 ,1 * * * ?",
    "05 00 09 01 01 05",
    "0 0 0 ? * * 1970-2099",
    "0 0 0 ? * * ? GMT",
    "0 0 0 ? * * GMT+14:59",
    "0 0 0 ? * * GMT-12:59",
    "0 0 0 ? * * GMT-0:30",
    "0 0 0 ? * * Etc/GMT+8",
    "0 0 0 ? * * America/Argentina/Buenos_Aires",
    "0 0 0 ? * * Asia/Kolkata",
    "0 0 0 ? * * Asia/Calcutta",
  ])("%j", (expression) => {
    expect(refusalOf(expression)).toBeUndefined();
  });
});

describe("refused, with code and position", () => {
  test.each([
    ["", "BadCronExpression", 1],
    ["* * * * *", "BadCronExpression", 1],
    ["0 0 0 1 1 ? 2027 UTC more", "BadCronExpression", 22],
    ["60 * * * * ?", "BadCronExpression", 1],
    ["0 60 * * * ?", "BadCronExpression", 3],
    ["0 0 24 * * ?", "BadCronExpression", 5],
    ["0 0 0 0 * ?", "BadCronExpression", 7],
    ["0 0 0 32 * ?", "BadCronExpression", 7],
    ["0 0 0 1 13 ?", "BadCronExpression", 9],
    ["0 0 0 1 0 ?", "BadCronExpression", 9],
    ["0 0 0 ? * 8", "BadCronExpression", 11],
    ["0 0 0 ? * 1 1969", "BadCronExpression", 13],
    ["0 0 0 ? * 1 2100", "BadCronExpression", 13],
    ["0 0 22-2 * * ?", "BadCronExpression", 5],
    ["0 5-59,10-5 * * * ?", "BadCronExpression", 8],
    ["0 0 0 ? * FRI-MON", "BadCronExpression", 11],
    ["0 0 0 ? * 5-0", "BadCronExpression", 11],
    ["0 */60 * * * ?", "BadCronExpression", 5],
    ["0 0 */24 * * ?", "BadCronExpression", 7],
    ["0 0 0 */32 * ?", "BadCronExpression", 9],
    ["0 0 0 1 */13 ?", "BadCronExpression", 11],
    ["0 0 0 ? * */7", "BadCronExpression", 13],
    ["0 */0 * * * ?", "BadCronExpression", 5],
    ["0 */ * * * ?", "BadCronExpression", 5],
    ["0 1/2/3 * * * ?", "BadCronExpression", 5],
    ["0 ?/5 * * * ?", "BadCronExpression", 3],
    ["0 005 * * * ?", "BadCronExpression", 3],
    ["0 1-2-3 * * * ?", "BadCronExpression", 5],
    ["0 -5 * * * ?", "BadCronExpression", 3],
    ["0 , * * * ?", "BadCronExpression", 3],
    ["0 0 0 L-3 * ?", "BadCronExpression", 7],
    ["0 0 0 1-5W * ?", "BadCronExpression", 7],
    ["0 0 0 W * ?", "BadCronExpression", 7],
    ["0 0 0 ? * L", "BadCronExpression", 11],
    ["0 0 0 ? * 1#6", "BadCronExpression", 13],
    ["0 0 0 ? * 1#0", "BadCronExpression", 13],
    ["0 0 0 ? * #1", "BadCronExpression", 11],
    ["0 0 0 1 FOO ?", "BadCronExpression", 9],
    ["@daily", "BadCronExpression", 1],
    ["every day", "BadCronExpression", 1],
    ["0 0 0 1 1 ? GMT+8", "InvalidGMTOffsetForTimezone", 13],
    ["0 0 0 1 1 ? GMT+08:00", "InvalidGMTOffsetForTimezone", 13],
    ["0 0 0 1 1 ? UTC+8:00", "InvalidGMTOffsetForTimezone", 13],
    ["0 0 0 1 1 ? gmt+8:00", "InvalidGMTOffsetForTimezone", 13],
    ["0 0 0 1 1 ? 2027 GMT+15:00", "InvalidGMTOffsetHourForTimezone", 22],
    ["0 0 0 1 1 ? GMT-13:00", "InvalidGMTOffsetHourForTimezone", 17],
    ["0 0 0 1 1 ? GMT+14:60", "InvalidGMTOffsetMinuteForTimezone", 20],
    ["0 0 0 1 1 ? utc", "TimezoneInformationCorrupt", 13],
    ["0 0 0 1 1 ? CST", "TimezoneInformationCorrupt", 13],
    ["0 0 0 1 1 ? Local", "TimezoneInformationCorrupt", 13],
    ["0 0 0 1 1 ? EST5EDT", "TimezoneInformationCorrupt", 13],
    ["0 0 0 1 1 ? +08:00", "TimezoneInformationCorrupt", 13],
    ["0 0 0 1 1 ? Mars/Olympus", "TimezoneInformationCorrupt", 13],
    ["0 0 0 1 1 ? asia/shanghai", "TimezoneInformationCorrupt", 13],
    ["0 0 0 1 1 ? ASIA/SHANGHAI", "TimezoneInformationCorrupt", 13],
    ["rate", "InvalidRateExpression", 1],
    ["rate(5)", "InvalidRateExpression", 6],
    ["rate(5w)", "InvalidRateExpression", 6],
    ["rate( 5m)", "InvalidRateExpression", 6],
    ["rate(-5m)", "InvalidRateExpression", 6],
    ["rate(0m)", "InvalidRateExpression", 6],
    ["rate(59s)", "InvalidRateExpression", 6],
    ["rate(5m) x", "InvalidRateExpression", 1],
    ["rate(604801s)", "RateFrequencyTooLarge", 6],
    [`rate(${"9".repeat(400)}d)`, "RateFrequencyTooLarge", 6],
    ["at()", "InvalidAtExpression", 4],
    ["at(2026-06-06)", "InvalidAtExpression", 4],
    ["at(2026-06-06T13:15:30)", "InvalidAtExpression", 4],
    ["at(2026-13-06 13:15:30)", "InvalidAtExpression", 9],
    ["at(2027-02-29 13:15:30)", "InvalidAtExpression", 12],
    ["at(2026-06-06 24:00:00)", "InvalidAtExpression", 15],
    ["at(2026-06-06 13:15:30 GMT+8)", "InvalidGMTOffsetForTimezone", 24],
    ["at(2026-06-06 13:15:30 Foo/Bar)", "TimezoneInformationCorrupt", 24],
    [`0 ${"1,".repeat(2000)}1 * * * ?`, "BadCronExpression", 1],
  ])("%j is %s at %i", (expression, code, position) => {
    expect(refusalOf(expression)).toEqual([code, position]);
  });
});

test("a reason quotes what it found, cut and with control characters escaped", () => {
  const refusal = parseSchedule(`0 \u0007${"x".repeat(99)} * * * ?`);
  expect(String(refusal)).toBe(`BadCronExpression at character 3: "\\u0007${"x".repeat(31)}…" is no minute.`);
});

test("a schedule without a zone takes the host's, by any name its runtime has", () => {
  for (const hostZone of ["UTC", "Etc/UTC", "Asia/Shanghai", "CET", "EST5EDT", "GMT+8:00"])
    expect(place("0 0 0 * * ?", { hostZone }).zone.name).toBe(hostZone);
  expect(place("0 0 0 * * ? GMT+8:00", { hostZone: "CET" }).zone.name).toBe("GMT+8:00");
  const schedule = parseSchedule("0 0 0 * * ?");
  if (schedule instanceof Refusal) throw new Error(schedule.reason);
  expect(placeSchedule(schedule, { createdMs: 0, hostZone: "Nowhere" })).toMatchObject({
    code: "TimezoneInformationCorrupt",
  });
});
