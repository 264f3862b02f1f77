import {
  legacyOverallStatus,
  legacyRunStatus,
  overallStatus,
  statusesOfRecord,
} from "@cloud-assistant/control-plane/domain/invocation-status";
import { RUN_STATUSES, type RunStatus } from "@cloud-assistant/shared/vocabulary";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const runs = fc.array(fc.constantFrom(...RUN_STATUSES), { minLength: 1, maxLength: 6 });

test.each<[RunStatus[], string]>([
  [["Success", "Scheduled", "Pending"], "Pending"],
  [["Running", "Scheduled"], "Scheduled"],
  [["Stopping", "Running", "Failed"], "Running"],
  [["Stopping", "Success"], "Stopping"],
  [["Cancelled", "Terminated"], "Stopped"],
  [["Success", "Cancelled"], "Success"],
  [["Success", "Terminated", "Timeout"], "PartialFailed"],
  [["Cancelled", "Aborted"], "Failed"],
  [["Error"], "Failed"],
])("overall of %j is %s", (statuses, expected) => {
  expect(overallStatus(statuses)).toBe(expected);
});

test.each<[RunStatus[], string]>([
  [["Success", "Failed"], "Finished"],
  [["Failed"], "Finished"],
  [["Timeout"], "Failed"],
  [["Timeout", "Success"], "PartialFailed"],
  [["Timeout", "Cancelled"], "PartialFailed"],
  [["Success", "Terminated"], "Finished"],
  [["Cancelled", "Terminated"], "Stopped"],
  [["Stopping", "Success"], "Stopping"],
  [["Stopping", "Running"], "Running"],
  [["Pending", "Error"], "Running"],
])("legacy overall of %j is %s", (statuses, expected) => {
  expect(legacyOverallStatus(statuses, "Once")).toBe(expected);
});

test("the order and the number of equal runs do not matter", () => {
  fc.assert(
    fc.property(runs, (statuses) => {
      const other = [...statuses, ...statuses].toReversed();
      expect(overallStatus(other)).toBe(overallStatus(statuses));
      expect(legacyOverallStatus(other, "Once")).toBe(legacyOverallStatus(statuses, "Once"));
    }),
  );
});

test("one run alone has the status of its invocation, by both vocabularies", () => {
  for (const status of RUN_STATUSES) {
    expect(legacyOverallStatus([status], "Once")).toBe(legacyRunStatus(status));
  }
  for (const status of ["Pending", "Scheduled", "Running", "Stopping", "Success", "Failed"] as const)
    expect(overallStatus([status])).toBe(status);
});

test("Success is never claimed while something goes on or has failed", () => {
  fc.assert(
    fc.property(runs, (statuses) => {
      fc.pre(overallStatus(statuses) === "Success");
      for (const status of statuses) expect(["Success", "Cancelled", "Terminated"]).toContain(status);
    }),
  );
});

test("a schedule runs until it is stopped; it neither finishes nor fails", () => {
  fc.assert(
    fc.property(runs, (statuses) => {
      expect(["Running", "Stopping", "Stopped"]).toContain(legacyOverallStatus(statuses, "Period"));
    }),
  );
});

test("the record filter names each run by its legacy status", () => {
  for (const record of ["Running", "Finished", "Failed", "Stopped", "Stopping"] as const) {
    expect(statusesOfRecord(record).toSorted()).toEqual(
      RUN_STATUSES.filter((status) => legacyRunStatus(status) === record).toSorted(),
    );
  }
  expect(statusesOfRecord("PartialFailed")).toEqual([]);
});
