import { nextRuns } from "@cloud-assistant/shared/schedule/next-run";
import { CronExpressionParser } from "cron-parser";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sharedCronModels } from "../support/cron-model.ts";
import { campaign, place } from "../support/schedules.ts";
import { findTransitions } from "../support/zone-model.ts";

// cron-parser is not used by the product: it is the other opinion on the part of the dialect that both have.
const ZONES = [
  "UTC",
  "Asia/Shanghai",
  "Asia/Kolkata",
  "Europe/Berlin",
  "Europe/London",
  "America/New_York",
  "America/Los_Angeles",
  "America/Sao_Paulo",
  "Australia/Sydney",
  "Australia/Lord_Howe",
  "Africa/Cairo",
  "Asia/Beirut",
];
const RUNS = 20;
const DAY_MS = 86_400_000;
const FROM_MS = Date.UTC(2026, 0, 1);
const UNTIL_MS = Date.UTC(2040, 0, 1);

/** undefined where cron-parser refuses a list because it names a value twice, or gives up on sparse dates: we do neither. */
function theirRuns(expression: string, zone: string, fromMs: number, count: number): number[] | undefined {
  try {
    const theirs = CronExpressionParser.parse(expression, { currentDate: new Date(fromMs), tz: zone });
    return Array.from({ length: count }, () => theirs.next().getTime());
  } catch (error) {
    if (error instanceof Error && /duplicate values|loop limit exceeded/.test(error.message)) return undefined;
    throw error;
  }
}

test(
  "more than a day away from clock changes, both give the same runs",
  { timeout: campaign ? 7_200_000 : 20_000 },
  () => {
    const transitions = new Map(
      ZONES.map((zone) => [
        zone,
        campaign ? findTransitions(zone, FROM_MS, UNTIL_MS) : findTransitions(zone, FROM_MS, FROM_MS + 800 * DAY_MS),
      ]),
    );
    const untilMs = campaign ? UNTIL_MS : FROM_MS + 800 * DAY_MS;
    const compared = { expressions: 0, runs: 0 };
    const starts = fc.sample(fc.integer({ min: FROM_MS, max: FROM_MS + 700 * DAY_MS }), { seed: 21, numRuns: 6000 });
    const models = fc.sample(sharedCronModels(), { seed: 20, numRuns: campaign ? 6000 : 60 });
    for (const [index, model] of models.entries()) {
      for (const zone of campaign ? ZONES : [ZONES[index % ZONES.length] ?? ""]) {
        const fromMs = starts[index] ?? FROM_MS;
        const ours = nextRuns(place(`${model.text} ${zone}`), fromMs, RUNS);
        const theirs = theirRuns(model.text, zone, fromMs, ours.length);
        if (theirs === undefined) break;
        const endMs = Math.min(untilMs, ours.at(-1) ?? untilMs, theirs.at(-1) ?? untilMs);
        const plain = (atMs: number): boolean =>
          atMs <= endMs && !transitions.get(zone)?.some((changeMs) => Math.abs(changeMs - atMs) < DAY_MS);
        const comparable = ours.filter(plain);
        const asked = { expression: model.text, zone, fromMs };
        expect({ ...asked, runs: comparable }).toEqual({ ...asked, runs: theirs.filter(plain) });
        compared.runs += comparable.length;
        if (zone === (campaign ? "UTC" : zone)) compared.expressions += 1;
      }
      if (compared.expressions >= 3000) break;
    }
    expect(compared.expressions).toBeGreaterThanOrEqual(campaign ? 3000 : 25);
    expect(compared.runs).toBeGreaterThan(compared.expressions * 10);
  },
);

const toTimes = (runs: readonly number[]): string[] => runs.map((atMs) => new Date(atMs).toISOString().slice(11, 16));

describe("where we differ on purpose", () => {
  test.each([
    [
      "a time in a gap runs right after the gap, not as much later as it lies in it",
      "0 30 2 * * *",
      "America/New_York",
      "2027-03-14T00:00:00Z",
      ["07:00", "06:30"],
      ["07:30", "06:30"],
    ],
    [
      "with hours in steps a time in a gap is left out, not made up for",
      "0 0 */2 * * *",
      "America/New_York",
      "2027-03-14T06:00:00Z",
      ["08:00", "10:00"],
      ["07:00", "08:00"],
    ],
    [
      "a gap of half an hour leaves out what is in it and nothing more",
      "0 */20 * * * *",
      "Australia/Lord_Howe",
      "2027-10-02T15:20:00Z",
      ["15:40", "16:00"],
      ["16:00", "16:20"],
    ],
    [
      "half an hour that is repeated is run through twice",
      "0 */20 * * * *",
      "Australia/Lord_Howe",
      "2027-04-03T14:45:00Z",
      ["15:10", "15:30"],
      ["15:30", "15:50"],
    ],
    [
      "a day that is left out runs once, right after it",
      "0 30 9 * * *",
      "Pacific/Apia",
      "2011-12-29T20:00:00Z",
      ["10:00", "19:30"],
      ["19:30", "19:30"],
    ],
  ])("%s", (_, expression, zone, from, ours, theirs) => {
    const fromMs = Date.parse(from);
    expect(toTimes(nextRuns(place(`${expression} ${zone}`), fromMs, 2))).toEqual(ours);
    expect(toTimes(theirRuns(expression, zone, fromMs, 2) ?? [])).toEqual(theirs);
  });

  test("a value that a list names twice is no mistake, and W, LW, years and zones are ours", () => {
    expect(theirRuns("0 5,5 * * * *", "UTC", FROM_MS, 1)).toBeUndefined();
    expect(nextRuns(place("0 5,5 * * * *"), FROM_MS, 2)).toEqual([FROM_MS + 300_000, FROM_MS + 3_900_000]);
    for (const expression of ["0 0 0 15W * ?", "0 0 0 LW * ?", "0 0 0 ? * * 2027", "0 0 0 ? * * UTC"]) {
      expect(() => CronExpressionParser.parse(expression)).toThrow(/Invalid|resolve|alias|fields|Constraint/i);
      expect(nextRuns(place(expression), FROM_MS, 1)).toHaveLength(1);
    }
  });
});
