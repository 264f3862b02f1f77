import { isDeliveryTarget } from "@cloud-assistant/control-plane/domain/delivery-target";
import {
  legacyOverallStatus,
  overallStatus,
  willRunAgain,
} from "@cloud-assistant/control-plane/domain/invocation-status";
import { isRepeating, toRepeatMode } from "@cloud-assistant/control-plane/domain/repeat";
import { dryRun, isFinalRun, nextRun } from "@cloud-assistant/control-plane/domain/run";
import { REPEAT_MODES, RUN_STATUSES, isFinal, type RepeatMode } from "@cloud-assistant/shared/vocabulary";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const statuses = fc.array(fc.constantFrom(...RUN_STATUSES), { minLength: 1, maxLength: 8 });
const repeating = fc.constantFrom(...REPEAT_MODES.filter((mode) => isRepeating(mode)));

test.each<[RepeatMode | undefined, string | undefined, RepeatMode]>([
  [undefined, undefined, "Once"],
  [undefined, "rate(5m)", "Period"],
  ["Once", "rate(5m)", "Period"],
  ["EveryReboot", "rate(5m)", "Period"],
  ["Period", "rate(5m)", "Period"],
  ["NextRebootOnly", undefined, "NextRebootOnly"],
  ["EveryReboot", undefined, "EveryReboot"],
  ["DryRun", undefined, "DryRun"],
  ["DryRun", "rate(5m)", "DryRun"],
])("RepeatMode %s with Frequency %s is %s", (asked, frequency, mode) => {
  expect(toRepeatMode(asked, frequency)).toBe(mode);
});

test("Period wants a Frequency", () => {
  expect(() => toRepeatMode("Period", undefined)).toThrow(
    "The frequency must be specified when you create a timed task.",
  );
});

test("the legacy status of a schedule is Running, Stopping or Stopped, whatever its runs are", () => {
  fc.assert(
    fc.property(statuses, repeating, (runs, mode) => {
      expect(["Running", "Stopping", "Stopped"]).toContain(legacyOverallStatus(runs, mode));
    }),
  );
});

test("what will run again is repeating and not over; what is over never will", () => {
  fc.assert(
    fc.property(statuses, fc.constantFrom(...REPEAT_MODES), (runs, mode) => {
      const again = willRunAgain(overallStatus(runs), mode);
      expect(again && (!isRepeating(mode) || runs.every((status) => isFinal(status)))).toBe(false);
      expect(willRunAgain(overallStatus(runs), "Once")).toBe(false);
    }),
  );
});

test("the eight rules: the first that holds names the status", () => {
  const failed = ["Invalid", "Aborted", "Failed", "Timeout", "Error"];
  const stopped = ["Cancelled", "Terminated"];
  fc.assert(
    fc.property(statuses, (runs) => {
      const some = (...wanted: string[]): boolean => runs.some((status) => wanted.includes(status));
      const rules: [boolean, string][] = [
        [some("Pending"), "Pending"],
        [some("Scheduled"), "Scheduled"],
        [some("Running"), "Running"],
        [some("Stopping"), "Stopping"],
        [runs.every((status) => stopped.includes(status)), "Stopped"],
        [some("Success") && !some(...failed), "Success"],
        [some("Success") && some(...failed), "PartialFailed"],
        [true, "Failed"],
      ];
      expect(overallStatus(runs)).toBe(rules.find(([holds]) => holds)?.[1]);
    }),
  );
});

test("a dry run is over from the start and stays as it is", () => {
  for (const connected of [true, false]) {
    const run = dryRun(connected, 5);
    expect([isFinalRun(run), nextRun(run, { type: "stopAsked", atMs: 6 })]).toEqual([true, run]);
  }
});

test("output goes to configured places and below them, nowhere else", () => {
  const allowed = ["oss://a/b", "oss://c/"];
  for (const target of ["oss://a/b", "oss://a/b/x/y", "oss://c/x"])
    expect(isDeliveryTarget(target, allowed)).toBe(true);
  for (const target of ["oss://a", "oss://a/bc", "oss://a/b/../c", "oss://cx", "oss://d", ""])
    expect(isDeliveryTarget(target, allowed)).toBe(false);
  expect(isDeliveryTarget("oss://a", [])).toBe(false);
});
