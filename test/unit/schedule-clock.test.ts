import { expect, describe, test } from "vitest";
import { runsOf } from "../support/schedules.ts";

// New York 2027: 02:00 becomes 03:00 on 14 March (07:00 UTC), 02:00 becomes 01:00 on 7 November (06:00 UTC).

describe("hours given as a star: the clock's showing counts", () => {
  test("sub-hour runs go on evenly through a gap and through both passes of a repeated hour", () => {
    expect(runsOf("0 */20 * * * ? America/New_York", "2027-03-14T06:30:00Z", 3)).toEqual([
      "2027-03-14T06:40:00Z",
      "2027-03-14T07:00:00Z",
      "2027-03-14T07:20:00Z",
    ]);
    const fall = runsOf("0 */20 * * * ? America/New_York", "2027-11-07T04:50:00Z", 8).map((at) => Date.parse(at));
    expect(fall.map((at, index) => at - (fall[index - 1] ?? at - 1_200_000))).toEqual(Array(8).fill(1_200_000));
  });

  test("a time in a gap is left out, one shown twice runs twice", () => {
    expect(runsOf("0 30 */2 * * ? America/New_York", "2027-03-14T05:00:00Z", 2)).toEqual([
      "2027-03-14T05:30:00Z",
      "2027-03-14T08:30:00Z",
    ]);
    expect(runsOf("0 30 */1 * * ? America/New_York", "2027-11-07T05:00:00Z", 3)).toEqual([
      "2027-11-07T05:30:00Z",
      "2027-11-07T06:30:00Z",
      "2027-11-07T07:30:00Z",
    ]);
  });

  test("half an hour on Lord Howe, a whole day on Samoa", () => {
    // 2 October 2027, 15:30 UTC: 02:00 becomes 02:30; 3 April 2027, 15:00 UTC: 02:00 becomes 01:30
    expect(runsOf("0 */20 * * * ? Australia/Lord_Howe", "2027-10-02T15:00:00Z", 2)).toEqual([
      "2027-10-02T15:10:00Z",
      "2027-10-02T15:40:00Z",
    ]);
    expect(runsOf("0 */20 * * * ? Australia/Lord_Howe", "2027-04-03T14:30:00Z", 3)).toEqual([
      "2027-04-03T14:40:00Z",
      "2027-04-03T15:10:00Z",
      "2027-04-03T15:30:00Z",
    ]);
    expect(runsOf("0 0 * * * ? Pacific/Apia", "2011-12-30T08:30:00Z", 3)).toEqual([
      "2011-12-30T09:00:00Z",
      "2011-12-30T10:00:00Z",
      "2011-12-30T11:00:00Z",
    ]);
    expect(runsOf("0 0 * 30 12 ? 2011 Pacific/Apia", "2011-12-01T00:00:00Z", 3)).toEqual([]);
  });
});

describe("hours given: each time of each day once", () => {
  test("times in one gap collapse into one run right after it, which is also that of its end", () => {
    expect(runsOf("0 30 2 * * ? America/New_York", "2027-03-13T12:00:00Z", 2)).toEqual([
      "2027-03-14T07:00:00Z",
      "2027-03-15T06:30:00Z",
    ]);
    expect(runsOf("0 */20 1-3 * * ? America/New_York", "2027-03-14T06:30:00Z", 4)).toEqual([
      "2027-03-14T06:40:00Z",
      "2027-03-14T07:00:00Z",
      "2027-03-14T07:20:00Z",
      "2027-03-14T07:40:00Z",
    ]);
  });

  test("a time that is shown twice runs the first time", () => {
    expect(runsOf("0 30 1 * * ? America/New_York", "2027-11-07T00:00:00Z", 2)).toEqual([
      "2027-11-07T05:30:00Z",
      "2027-11-08T06:30:00Z",
    ]);
    expect(runsOf("0 30 1 * * ? America/New_York", "2027-11-07T05:45:00Z", 1)).toEqual(["2027-11-08T06:30:00Z"]);
    expect(runsOf("0 30 1 * * ? America/New_York", "2027-11-07T06:15:00Z", 1)).toEqual(["2027-11-08T06:30:00Z"]);
  });

  test("Berlin, east of Greenwich, is no different", () => {
    expect(runsOf("0 30 2 * * ? Europe/Berlin", "2027-03-27T12:00:00Z", 2)).toEqual([
      "2027-03-28T01:00:00Z",
      "2027-03-29T00:30:00Z",
    ]);
    expect(runsOf("0 30 2 * * ? Europe/Berlin", "2027-10-30T12:00:00Z", 2)).toEqual([
      "2027-10-31T00:30:00Z",
      "2027-11-01T01:30:00Z",
    ]);
  });

  test("a day that Samoa left out runs once, at the beginning of the next", () => {
    expect(runsOf("0 30 9 * * ? Pacific/Apia", "2011-12-29T20:00:00Z", 2)).toEqual([
      "2011-12-30T10:00:00Z",
      "2011-12-30T19:30:00Z",
    ]);
  });

  test("midnight that does not exist runs at one", () => {
    expect(runsOf("0 0 0 * * ? Asia/Beirut", "2027-03-27T00:00:00Z", 2)).toEqual([
      "2027-03-27T22:00:00Z",
      "2027-03-28T21:00:00Z",
    ]);
  });
});
