import type { RECORD_STATUSES } from "@cloud-assistant/shared/api/invocations";
import type { RepeatMode, RunStatus } from "@cloud-assistant/shared/vocabulary";
import { isRepeating } from "./repeat.ts";

export type InvocationStatus =
  | "Pending"
  | "Scheduled"
  | "Running"
  | "Stopping"
  | "Stopped"
  | "Success"
  | "PartialFailed"
  | "Failed";
/** `PartialFailed` is of invocations only. */
export type LegacyStatus = "Running" | "Finished" | "Failed" | "PartialFailed" | "Stopped" | "Stopping";

/** The eight ordered rules of api-facts 2.2 over the runs of an invocation. */
export function overallStatus(runs: Iterable<RunStatus>): InvocationStatus {
  const seen = new Set(runs);
  for (const status of ["Pending", "Scheduled", "Running", "Stopping"] as const) if (seen.has(status)) return status;
  const stopped = seen.has("Cancelled") || seen.has("Terminated");
  const failed = ["Invalid", "Aborted", "Failed", "Timeout", "Error"].some((status) => seen.has(status as RunStatus));
  if (stopped && !failed && !seen.has("Success")) return "Stopped";
  if (!seen.has("Success")) return "Failed";
  return failed ? "PartialFailed" : "Success";
}

/** `InstanceInvokeStatus` and `InvokeRecordStatus` (api-facts 2.3): Finished = the process ended, whatever its exit code. */
export function legacyRunStatus(status: RunStatus): Exclude<LegacyStatus, "PartialFailed"> {
  switch (status) {
    case "Pending":
    case "Scheduled":
    case "Running":
      return "Running";
    case "Success":
    case "Failed":
      return "Finished";
    case "Timeout":
    case "Invalid":
    case "Aborted":
    case "Error":
      return "Failed";
    case "Stopping":
      return "Stopping";
    case "Cancelled":
    case "Terminated":
      return "Stopped";
  }
}

/** `InvokeStatus` (api-facts 2.3). */
export function legacyOverallStatus(runs: Iterable<RunStatus>, repeatMode: RepeatMode): LegacyStatus {
  const seen = new Set(Array.from(runs, legacyRunStatus));
  const repeats = isRepeating(repeatMode);
  if (seen.has("Stopping") && (repeats || !seen.has("Running"))) return "Stopping";
  if (seen.size === 1 && seen.has("Stopped")) return "Stopped";
  if (repeats || seen.has("Running")) return "Running"; // a schedule runs until it is stopped; it never finishes or fails
  if (!seen.has("Failed")) return "Finished";
  return seen.size === 1 ? "Failed" : "PartialFailed";
}

/** `Timed` (api-facts 1.4): repeating, and neither cancelled, stopped nor over. */
export function willRunAgain(status: InvocationStatus, repeatMode: RepeatMode): boolean {
  return isRepeating(repeatMode) && (status === "Pending" || status === "Scheduled" || status === "Running");
}

/** The run statuses a filter `InvokeRecordStatus` stands for. */
export function statusesOfRecord(record: (typeof RECORD_STATUSES)[number]): readonly RunStatus[] {
  switch (record) {
    case "Running":
      return ["Pending", "Scheduled", "Running"];
    case "Finished":
      return ["Success", "Failed"];
    case "Success":
      return ["Success"];
    case "Failed":
      return ["Timeout", "Invalid", "Aborted", "Error"];
    case "PartialFailed":
      return []; // no single run can fail in part
    case "Stopped":
      return ["Cancelled", "Terminated"];
    case "Stopping":
      return ["Stopping"];
  }
}
