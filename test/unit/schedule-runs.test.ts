import { nextRun, nextRuns, runsAfter } from "@cloud-assistant/shared/schedule/next-run";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cronModels } from "../support/cron-model.ts";
import { campaign, place, runsOf } from "../support/schedules.ts";

/** The search may look at every month from 1970 to 2099, and at some stretches of the zone's clock three times over. */
const STEPS_MAX = 3 * 130 * 12;

describe("cron", () => {
  test.each([
    ["seconds first", "30 0 12 * * ?", ["2027-01-01T12:00:30Z", "2027-01-02T12:00:30Z"]],
    [
      "steps from a value go to the end",
      "0 40/10 10 1 1 ?",
      ["2027-01-01T10:40:00Z", "2027-01-01T10:50:00Z", "2028-01-01T10:40:00Z"],
    ],
    ["1-7 is Monday to Sunday, 0 Sunday too", "0 0 0 ? * 1", ["2027-01-04T00:00:00Z"]],
    ["7 is Sunday", "0 0 0 ? * 7", ["2027-01-03T00:00:00Z"]],
    ["0 is Sunday", "0 0 0 ? * 0", ["2027-01-03T00:00:00Z"]],
    [
      "every second weekday counts from Sunday",
      "0 0 0 ? * */2",
      ["2027-01-02T00:00:00Z", "2027-01-03T00:00:00Z", "2027-01-05T00:00:00Z"],
    ],
    [
      "1/2 counts from Monday to Sunday",
      "0 0 0 ? * 1/2",
      ["2027-01-03T00:00:00Z", "2027-01-04T00:00:00Z", "2027-01-06T00:00:00Z"],
    ],
    ["Friday to Sunday", "0 0 0 ? * FRI-SUN", ["2027-01-02T00:00:00Z", "2027-01-03T00:00:00Z", "2027-01-08T00:00:00Z"]],
    [
      "both kinds of days: either",
      "0 0 0 5 * 1",
      ["2027-01-04T00:00:00Z", "2027-01-05T00:00:00Z", "2027-01-11T00:00:00Z"],
    ],
    ["a star in the list restricts nothing", "0 0 0 *,5 * 1", ["2027-01-04T00:00:00Z", "2027-01-11T00:00:00Z"]],
    ["L", "0 0 0 L * ?", ["2027-01-31T00:00:00Z", "2027-02-28T00:00:00Z", "2027-03-31T00:00:00Z"]],
    ["LW", "0 0 0 LW * ?", ["2027-01-29T00:00:00Z", "2027-02-26T00:00:00Z", "2027-03-31T00:00:00Z"]],
    [
      "15W: Friday before a Saturday, Monday after a Sunday",
      "0 0 0 15W 5,8 ?",
      ["2027-05-14T00:00:00Z", "2027-08-16T00:00:00Z"],
    ],
    ["1W stays in the month", "0 0 0 1W 5,8 ?", ["2027-05-03T00:00:00Z", "2027-08-02T00:00:00Z"]],
    [
      "31W: only months that have it, and stays in them",
      "0 0 0 31W * ?",
      ["2027-01-29T00:00:00Z", "2027-03-31T00:00:00Z", "2027-05-31T00:00:00Z"],
    ],
    ["5L: the last Friday", "0 0 0 ? * 5L", ["2027-01-29T00:00:00Z", "2027-02-26T00:00:00Z"]],
    ["MON#5: only months with five", "0 0 0 ? * MON#5", ["2027-03-29T00:00:00Z", "2027-05-31T00:00:00Z"]],
    ["29 February", "0 0 0 29 2 ?", ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]],
    ["2100 is no leap year, and over", "0 0 0 29 2 ? 2096-2099", ["2096-02-29T00:00:00Z"]],
    ["a fifth Monday in February", "0 0 0 29 2 ? */28", []],
    ["every second year from 2026", "0 0 0 1 1 ? 2026/2", ["2028-01-01T00:00:00Z", "2030-01-01T00:00:00Z"]],
    ["a date that never comes", "0 0 0 30 2 ?", []],
    ["a year that is over", "0 0 0 1 1 ? 2020", []],
    ["the last second", "59 59 23 31 12 ? 2099", ["2099-12-31T23:59:59Z"]],
    ["offsets", "0 0 0 ? * * GMT+8:00", ["2027-01-01T16:00:00Z"]],
    ["offsets to the west", "0 0 0 ? * * GMT-7:30", ["2027-01-01T07:30:00Z"]],
  ])("%s: %s", (_, expression, expected) => {
    expect(runsOf(expression, "2027-01-01T00:00:00Z", Math.max(1, expected.length))).toEqual(expected);
  });

  test(
    "equals trying one day after the other, over the whole dialect, in a bounded number of steps",
    { timeout: campaign ? 3_600_000 : 20_000 },
    () => {
      const from = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2060, 0, 1) });
      fc.assert(
        fc.property(cronModels(), from, (model, fromMs) => {
          const placed = place(model.text);
          expect(nextRuns(placed, fromMs, 20)).toEqual(model.wallTimesAfter(fromMs, 20));
          const counter = { steps: 0 };
          nextRun(placed, fromMs, counter);
          expect(counter.steps).toBeLessThanOrEqual(STEPS_MAX);
        }),
        { seed: 5, numRuns: campaign ? 5000 : 60 },
      );
    },
  );

  test("sparse and impossible expressions are given up after a bounded number of steps", () => {
    for (const expression of [
      "0 0 0 29 2 ?",
      "0 0 0 29 2 ? 2096",
      "0 0 0 30 2 ?",
      "0 0 0 31 2,4,6,9,11 ?",
      "0 0 0 ? 2 1#5",
      "0 30 */23 29 2 ? 2096",
    ])
      for (const zone of ["UTC", "America/New_York", "Africa/Cairo"]) {
        const counter = { steps: 0 };
        nextRun(place(`${expression} ${zone}`), Date.UTC(1970, 0, 1), counter);
        expect(counter.steps).toBeLessThanOrEqual(STEPS_MAX);
      }
  });
});

describe("rate", () => {
  const createdMs = Date.UTC(2027, 0, 1, 0, 0, 0, 250);
  const placed = place("rate(5m)", { createdMs });

  test("runs one interval after its creation for the first time, and keeps the phase", () => {
    expect(nextRuns(placed, createdMs, 3).map((atMs) => atMs - createdMs)).toEqual([300_000, 600_000, 900_000]);
    expect(nextRun(placed, createdMs + 300_000)).toBe(createdMs + 600_000);
    expect(nextRun(placed, createdMs + 599_999)).toBe(createdMs + 600_000);
  });

  test("a clock before the creation waits for the first run", () => {
    expect(nextRun(placed, createdMs - 86_400_000)).toBe(createdMs + 300_000);
  });
});

describe("at", () => {
  test.each([
    ["at(2027-06-06 13:15:30)", "2027-06-06T13:15:30Z"],
    ["at(2027-06-06 13:15:30 Asia/Shanghai)", "2027-06-06T05:15:30Z"],
    ["at(2027-06-06 13:15:30 GMT-7:00)", "2027-06-06T20:15:30Z"],
    ["at(2027-03-14 02:30:00 America/New_York)", "2027-03-14T07:00:00Z"],
    ["at(2027-11-07 01:30:00 America/New_York)", "2027-11-07T05:30:00Z"],
  ])("%s is %s, and once", (expression, expected) => {
    expect(runsOf(expression, "2027-01-01T00:00:00Z", 3, "Asia/Tokyo")).toEqual([expected]);
    expect(runsOf(expression, expected, 3)).toEqual([]);
  });
});

test("runs are taken one at a time", () => {
  const runs = runsAfter(place("0 0 12 * * ? Europe/Berlin"), Date.UTC(2027, 0, 1));
  expect(runs.next()).toEqual({ done: false, value: Date.UTC(2027, 0, 1, 11) });
  expect(runs.next()).toEqual({ done: false, value: Date.UTC(2027, 0, 2, 11) });
  expect([...runsAfter(place("0 0 0 1 1 ? 2098-2099"), Date.UTC(2027, 0, 1))]).toHaveLength(2);
});

test("a run exactly at the time asked from is not told again", () => {
  expect(runsOf("0 0 12 * * ?", "2027-01-01T12:00:00Z", 1)).toEqual(["2027-01-02T12:00:00Z"]);
  expect(runsOf("0 0 12 * * ?", "2027-01-01T11:59:59.999Z", 1)).toEqual(["2027-01-01T12:00:00Z"]);
});
