import { checkSchedule } from "@cloud-assistant/shared/schedule/check";
import { checkFrequency } from "@cloud-assistant/shared/schedule/frequency";
import { describe, expect, test } from "vitest";
import { place } from "../support/schedules.ts";

const nowMs = Date.UTC(2027, 0, 1);
const ask = (frequency: string | undefined, timeoutSeconds = 60) =>
  checkFrequency(frequency, { nowMs, timeoutSeconds, repeatMode: undefined });
const refusalOf = (frequency: string, timeoutSeconds = 60): string | undefined => {
  const answer = ask(frequency, timeoutSeconds);
  return answer.ok ? undefined : answer.refusal?.code;
};

describe("repeat mode", () => {
  test("a frequency makes it Period whatever it says", () => {
    for (const repeatMode of [undefined, "Once", "EveryReboot", "DryRun", "Period"] as const)
      expect(checkFrequency("rate(5m)", { nowMs, timeoutSeconds: 60, repeatMode })).toMatchObject({
        ok: true,
        repeatMode: "Period",
        schedule: { kind: "rate", periodMs: 300_000 },
      });
  });

  test("without one it stays, Once by itself, and Period is not complete", () => {
    expect(ask(undefined)).toEqual({ ok: true, repeatMode: "Once" });
    expect(checkFrequency(undefined, { nowMs, timeoutSeconds: 60, repeatMode: "NextRebootOnly" })).toEqual({
      ok: true,
      repeatMode: "NextRebootOnly",
    });
    expect(checkFrequency("", { nowMs, timeoutSeconds: 60, repeatMode: "Period" })).toEqual({
      ok: false,
      code: "MissingParam.Frequency",
      message: "The frequency must be specified when you create a timed task.",
    });
  });
});

test("a refusal has the documented code, and tells the position and the reason", () => {
  expect(ask("0 60 * * * ?")).toMatchObject({
    ok: false,
    code: "InvalidParam.Frequency",
    message:
      'The specified frequency is invalid. BadCronExpression at character 3: the minute "60" is not within 0 to 59.',
  });
});

describe("over", () => {
  test.each([
    ["at(2026-12-31 23:59:59)", "AtExpressionExpired"],
    ["at(2027-01-01 00:00:00)", "AtExpressionExpired"],
    ["at(2027-01-01 00:00:01)", undefined],
    ["at(2027-01-01 07:59:59 Asia/Shanghai)", "AtExpressionExpired"],
    ["0 0 0 1 1 ? 2026", "CronExpressionExpired"],
    ["0 0 0 30 2 ?", "CronExpressionExpired"],
    ["0 0 0 31 12 ? 2026 UTC", "CronExpressionExpired"],
    // nobody knows the host's zone here: while it is 31 December anywhere the run may be to come
    ["0 0 18 31 12 ? 2026", undefined],
    ["0 0 11 31 12 ? 2026", "CronExpressionExpired"],
  ])("%s: %s", (frequency, code) => {
    expect(refusalOf(frequency)).toBe(code);
  });
});

describe("distance", () => {
  test.each([
    ["rate(61s)", 60, undefined],
    ["rate(60s)", 60, "InvalidRateExpression"],
    ["rate(60s)", 59, undefined],
    ["*/10 * * * * ?", 10, undefined],
    ["*/10 * * * * ?", 11, "BadCronExpression"],
    ["*/9 * * * * ?", 5, "BadCronExpression"],
    ["*/20 * * * * ?", 60, "BadCronExpression"],
    ["0 * * * * ?", 60, undefined],
    // 59 → 0 of the next minute, hour and day: one field does not tell
    ["0,55 59,0 * * * ?", 5, "BadCronExpression"],
    ["0,55 0,59 0,23 * * ?", 5, "BadCronExpression"],
    ["0,55 0,59 0,12 * * ?", 5, undefined],
    ["0,55 0,59 0,23 1 * ?", 5, undefined],
    ["0,55 0,59 0,23 1,31 12,1 ?", 5, "BadCronExpression"],
    ["0 0 0 * * ?", 86_400, undefined],
    ["0 0 0 * * ? Europe/Berlin", 86_400, "BadCronExpression"],
    ["0 0 0 * * ? Europe/Berlin", 82_800, undefined],
    // 02:00:05 falls into the gap, runs at 03:00:00, and 03:00:05 follows
    ["5 0 2,3 * * ? Europe/Berlin", 1, "BadCronExpression"],
    ["5 0 2,3 * * ? UTC", 1, undefined],
    ["15 0 2,3 * * ? Europe/Berlin", 10, undefined],
  ])("%s with a timeout of %i s: %s", (frequency, timeoutSeconds, code) => {
    expect(refusalOf(frequency, timeoutSeconds)).toBe(code);
  });

  test("a clock change more than 1000 runs away is looked at, and one that is years away is not", () => {
    const frequency = "0 0,30 * * * ? Europe/Berlin"; // 48 a day, 4000 before the change
    expect(refusalOf(frequency, 1800)).toBeUndefined();
    expect(refusalOf("5 0 2,3 * 1-11 ? 2030 Europe/Berlin", 1)).toBeDefined(); // within the first 1000
    expect(refusalOf("5,25,45 * 2,3 * * ? Europe/Berlin", 10)).toBe("BadCronExpression");
  });

  test("a host judges by its own clock what the API could not know", () => {
    expect(refusalOf("5 0 2,3 * * ?", 1)).toBeUndefined();
    expect(checkSchedule(place("5 0 2,3 * * ?", { hostZone: "Europe/Berlin" }), nowMs, 1)).toMatchObject({
      code: "BadCronExpression",
    });
    expect(checkSchedule(place("5 0 2,3 * * ?", { hostZone: "Asia/Tokyo" }), nowMs, 1)).toBeUndefined();
  });
});
