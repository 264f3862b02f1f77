import { nextRun } from "@cloud-assistant/shared/schedule/next-run";
import { changesBetween } from "@cloud-assistant/shared/schedule/zone/clock";
import { findHostZone } from "@cloud-assistant/shared/schedule/zone/name";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { integer, seededRandom } from "../support/random.ts";
import { frequentCronModels } from "../support/cron-model.ts";
import { campaign, place } from "../support/schedules.ts";
import { findTransitions, runsShown, showAround } from "../support/zone-model.ts";

const DAY_MS = 86_400_000;
const FIRST_MS = Date.UTC(2000, 0, 1);
const LAST_MS = Date.UTC(2038, 0, 1);
const zones = Intl.supportedValuesOf("timeZone").filter((zone) => zone.includes("/"));

/** Each zone with its transitions: all of 2000 to 2037, or those of one year of some zones. */
function* transitions(): Generator<{ readonly zone: string; readonly atMs: number }> {
  const random = seededRandom(37);
  if (campaign)
    for (const zone of zones) for (const atMs of findTransitions(zone, FIRST_MS, LAST_MS)) yield { zone, atMs };
  else
    for (let sample = 0; sample < 24; sample += 1) {
      const zone = zones[integer(random, 0, zones.length - 1)] ?? "";
      const fromMs = Date.UTC(integer(random, 2000, 2037), 0, 1);
      for (const atMs of findTransitions(zone, fromMs, fromMs + 365 * DAY_MS)) yield { zone, atMs };
    }
  // what no rule of thumb covers: a day left out, half an hour, two hours, midnight, a change of the standard time
  for (const [zone, at] of [
    ["Pacific/Apia", "2011-12-30T10:00:00Z"],
    ["Australia/Lord_Howe", "2026-10-03T15:30:00Z"],
    ["Australia/Lord_Howe", "2027-04-03T15:00:00Z"],
    ["Antarctica/Troll", "2027-03-28T01:00:00Z"],
    ["Asia/Beirut", "2027-03-27T22:00:00Z"],
    ["America/Havana", "2027-11-07T05:00:00Z"],
    ["Asia/Pyongyang", "2015-08-14T15:00:00Z"],
    ["Asia/Gaza", "2040-10-20T00:00:00Z"],
  ] as const)
    yield { zone, atMs: Date.parse(at) };
}

test(
  "around the clock changes of every zone: each run by the rules, none twice, none left out",
  { timeout: campaign ? 7_200_000 : 20_000 },
  () => {
    let seen = 0;
    for (const { zone, atMs } of transitions()) {
      const shown = showAround(zone, atMs, 1.5 * DAY_MS);
      const [from, until] = [shown[0]?.atMs ?? 0, shown.at(-1)?.atMs ?? 0];
      seen += 1;
      fc.assert(
        fc.property(frequentCronModels(), (model) => {
          const placed = place(`${model.text} ${zone}`);
          const found: number[] = [];
          for (let run = nextRun(placed, from - 1); run !== undefined && run <= until; run = nextRun(placed, run))
            found.push(run);
          expect({ zone, runs: found }).toEqual({ zone, runs: runsShown(model, shown) });
          expect(found.every((run, index) => index === 0 || run > (found[index - 1] ?? run))).toBe(true);
        }),
        { seed: seen, numRuns: campaign ? 8 : 5 },
      );
    }
    expect(seen).toBeGreaterThan(campaign ? 5000 : 12);
  },
);

test(
  "the clock of a zone changes when the zone's does, and no two changes are so close that one is missed",
  { timeout: campaign ? 7_200_000 : 20_000 },
  () => {
    const spans = campaign
      ? zones.map((zone) => [zone, 1975, 2100] as const)
      : ([
          ["America/Recife", 1999, 2002],
          ["Asia/Gaza", 2039, 2042],
          ["Africa/Casablanca", 2026, 2029],
          ["Antarctica/Troll", 2026, 2028],
        ] as const);
    for (const [zone, fromYear, untilYear] of spans) {
      const [fromMs, untilMs] = [Date.UTC(fromYear, 0, 1), Date.UTC(untilYear, 0, 1)];
      const clock = findHostZone(zone)?.clock;
      const changes = clock ? changesBetween(clock, fromMs, untilMs).map(({ atMs }) => atMs) : [];
      expect({ zone, changes }).toEqual({ zone, changes: findTransitions(zone, fromMs, untilMs) });
      expect(changes.filter((atMs, index) => atMs - (changes[index - 1] ?? 0) < 167 * 3_600_000)).toEqual([]);
    }
  },
);
