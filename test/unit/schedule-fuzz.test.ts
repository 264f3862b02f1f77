import { checkFrequency } from "@cloud-assistant/shared/schedule/frequency";
import { nextRuns } from "@cloud-assistant/shared/schedule/next-run";
import { Refusal, SCHEDULE_ERRORS } from "@cloud-assistant/shared/schedule/refusal";
import { parseSchedule, placeSchedule } from "@cloud-assistant/shared/schedule/schedule";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { campaign } from "../support/schedules.ts";

const numRuns = campaign ? 100_000 : 2000;
const nowMs = Date.UTC(2027, 0, 1);

/** Pieces of what expressions are made of, so that what comes out is nearly one. */
const piece = fc.oneof(
  fc.constantFrom("*", "?", ",", "-", "/", "#", "L", "W", "LW", "0", "1", "07", "5", "59", "60", "31", "2099", "2100", "99999999999999999999", "MON", "SUN", "JAN", "FRI-SUN", "*/5", "1-5", "22-2"),
  fc.constantFrom("rate(", "at(", ")", "5m", "7d", "2027-02-29", "2027-06-06", "13:15:30", "UTC", "GMT", "GMT+8:00", "GMT-99:99", "Asia/Shanghai", "Europe/", "/", "\u0000", "\ud800", "é", "\u00a0"),
  fc.string({ maxLength: 6, unit: "binary" }),
);
const blank = fc.constantFrom(" ", " ", " ", "", "\t", "  ", "\n");
const nearly = fc.array(fc.tuple(piece, blank), { maxLength: 14 }).map((parts) => parts.flat().join(""));
const fields = fc
  .array(fc.array(piece, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("")), { minLength: 5, maxLength: 9 })
  .map((parts) => parts.join(" "));
const VALID = ["0", "*/20", "1-5", "?", "JAN-MAR", "MON#2", "2027/2", "Europe/Berlin"];
/** A good expression with one character changed, taken away or put in. */
const damaged = fc.tuple(fc.nat(), fc.string({ maxLength: 1, unit: "binary" }), fc.boolean()).map(([at, character, over]) => {
  const text = VALID.join(" ");
  const place = at % (text.length + 1);
  return text.slice(0, place) + character + text.slice(place + (over ? 1 : 0));
});

test("no expression, however malformed, does anything but run or be refused with a documented code", () => {
  const seen = { refused: 0, taken: 0 };
  fc.assert(
    fc.property(fc.oneof(nearly, fields, damaged, fc.string({ unit: "binary", maxLength: 60 })), (expression) => {
      const schedule = parseSchedule(expression);
      if (!(schedule instanceof Refusal)) {
        seen.taken += 1;
        const placed = placeSchedule(schedule, { createdMs: nowMs, hostZone: "UTC" });
        if (placed instanceof Refusal) throw new Error(placed.reason);
        const runs = nextRuns(placed, nowMs, 5);
        expect(runs.every((run, index) => run > (runs[index - 1] ?? nowMs))).toBe(true);
        return;
      }
      seen.refused += 1;
      expect(Object.keys(SCHEDULE_ERRORS)).toContain(schedule.code);
      expect(schedule.position).toBeGreaterThanOrEqual(1);
      expect(schedule.position).toBeLessThanOrEqual(expression.length + 1);
      expect(schedule.reason.length).toBeLessThan(200);
      expect(schedule.reason).toMatch(/^[^\u0000-\u001f]+$/);
    }),
    { seed: 11, numRuns },
  );
  expect(seen.taken).toBeGreaterThan(numRuns / 200);
  expect(seen.refused).toBeGreaterThan(numRuns / 2);
});

test("the check at the API call answers with its two codes alone", () => {
  fc.assert(
    fc.property(fc.oneof(nearly, damaged), fc.integer({ min: 1, max: 86_400 }), (frequency, timeoutSeconds) => {
      const answer = checkFrequency(frequency, { nowMs, timeoutSeconds, repeatMode: undefined });
      if (!answer.ok) expect(["InvalidParam.Frequency", "MissingParam.Frequency"]).toContain(answer.code);
    }),
    { seed: 12, numRuns: numRuns / 10 },
  );
});
