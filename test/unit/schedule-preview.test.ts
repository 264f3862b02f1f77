import { previewRuns, previewWarnings } from "@cloud-assistant/shared/schedule/preview";
import { describe, expect, test } from "vitest";
import { place } from "../support/schedules.ts";

const ask = (from: string, count = 3) => ({ afterMs: Date.parse(from), count, timeoutSeconds: 60 });
const notes = (expression: string, from: string, count = 3): string[] =>
  previewRuns(place(expression), ask(from, count)).map(({ note }) => note);

test("a run is told in UTC and in the zone of the schedule", () => {
  expect(previewRuns(place("0 15 10 ? * * Asia/Shanghai"), ask("2027-03-26T00:00:00Z", 1))).toEqual([
    { at: "2027-03-26T02:15:00Z", local: "2027-03-26T10:15:00+08:00", note: "" },
  ]);
  const rate = place("rate(5m)", { createdMs: Date.parse("2027-01-01T00:00:00.250Z"), hostZone: "America/St_Johns" });
  expect(previewRuns(rate, ask("2027-01-01T00:00:00.250Z", 1))).toEqual([
    { at: "2027-01-01T00:05:00.250Z", local: "2026-12-31T20:35:00.250-03:30", note: "" },
  ]);
});

describe("notes", () => {
  test("on a gap, with the hours given and with hours that are a star", () => {
    expect(notes("0 30 2 * * ? America/New_York", "2027-03-14T00:00:00Z", 2)).toEqual([
      "the clock skips from 2027-03-14T02:00:00 to 03:00:00: 02:30:00 runs once, at 03:00:00",
      "",
    ]);
    expect(notes("0 */20 1-3 * * ? America/New_York", "2027-03-14T06:45:00Z", 1)).toEqual([
      "the clock skips from 2027-03-14T02:00:00 to 03:00:00: 3 times from 02:00:00 on run once, at 03:00:00",
    ]);
    expect(notes("0 0 */2 * * ? America/New_York", "2027-03-14T06:00:00Z", 1)).toEqual([
      "the clock skips from 2027-03-14T02:00:00 to 03:00:00: 02:00:00 is left out",
    ]);
    expect(notes("0 30 9 * * ? Pacific/Apia", "2011-12-29T20:00:00Z", 1)).toEqual([
      "the clock skips from 2011-12-30T00:00:00 to 2011-12-31T00:00:00: 09:30:00 runs once, at 2011-12-31T00:00:00",
    ]);
    expect(notes("at(2027-03-14 02:30:00 America/New_York)", "2027-01-01T00:00:00Z")).toEqual([
      "the clock skips from 2027-03-14T02:00:00 to 03:00:00: 02:30:00 runs once, at 03:00:00",
    ]);
  });

  test("on a double", () => {
    expect(notes("0 30 1 * * ? America/New_York", "2027-11-07T00:00:00Z", 2)).toEqual([
      "the first of two times that the clock shows this",
      "the clock goes back from 2027-11-07T02:00:00 to 01:00:00: 01:30:00 runs at the first showing only",
    ]);
    expect(notes("0 30 * * * ? America/New_York", "2027-11-07T05:00:00Z", 3)).toEqual([
      "the first of two times that the clock shows this",
      "the clock goes back from 2027-11-07T02:00:00 to 01:00:00: 01:30:00 runs twice; the second of two times that the clock shows this",
      "",
    ]);
  });

  test("on clock changes that touch nothing, counted when there are many", () => {
    expect(notes("0 0 12 * * ? America/New_York", "2027-03-13T18:00:00Z", 1)).toEqual([
      "the clock skips from 2027-03-14T02:00:00 to 03:00:00",
    ]);
    expect(notes("0 0 12 29 2 ? America/New_York", "2028-02-29T18:00:00Z", 1)).toEqual(["8 clock changes"]);
  });

  test("on a distance that is too short", () => {
    expect(notes("5 0 2,3 * * ? Europe/Berlin", "2027-03-27T12:00:00Z", 2)[1]).toBe(
      "too short: 5 seconds after the run before, not 60",
    );
  });
});

test("warnings tell what RunCommand refuses and what clock changes of two years touch", () => {
  expect(previewWarnings(place("*/20 * * * * ? UTC"), ask("2027-01-01T00:00:00Z"))).toEqual([
    "RunCommand refuses it: BadCronExpression at character 1: a run follows 20 seconds after that of 2027-01-01T00:00:20 UTC, sooner than the timeout of 60 seconds.",
  ]);
  expect(previewWarnings(place("0 0 12 30 2 ?"), ask("2027-01-01T00:00:00Z"))).toEqual([
    expect.stringContaining("CronExpressionExpired"),
  ]);
  expect(previewWarnings(place("0 30 2 * * ? Europe/Berlin"), ask("2027-01-01T00:00:00Z"))).toEqual([
    "the clock skips from 2027-03-28T02:00:00 to 03:00:00: 02:30:00 runs once, at 03:00:00",
    "the clock goes back from 2027-10-31T03:00:00 to 02:00:00: 02:30:00 runs at the first showing only",
    "the clock skips from 2028-03-26T02:00:00 to 03:00:00: 02:30:00 runs once, at 03:00:00",
    "the clock goes back from 2028-10-29T03:00:00 to 02:00:00: 02:30:00 runs at the first showing only",
  ]);
  expect(previewWarnings(place("0 0 12 * * ? Europe/Berlin"), ask("2027-01-01T00:00:00Z"))).toEqual([]);
});
