import type { RunStatus } from "@cloud-assistant/shared/vocabulary";
import { OWN_FAILURE } from "./failure.ts";

export const TIMED_OUT = 124;
/** The script never ran: not delivered in time, cancelled before, or the host cannot run it (no such user or directory). */
export const NEVER_RAN = 126;
/** 128 + SIGTERM: what ends a script that is stopped. */
const STOPPED = 143;

export type Ending = { readonly status: RunStatus; readonly exitCode?: number | undefined };

/** The exit code that tells of one host: the script's own where it ended by itself (a signal is 128 + its number). */
export function exitCodeOf({ status, exitCode }: Ending): number {
  switch (status) {
    case "Success":
      return 0;
    case "Failed":
      return exitCode || 1; // a failure must never look like success
    case "Timeout":
      return TIMED_OUT;
    case "Terminated":
      return STOPPED;
    case "Aborted":
    case "Cancelled":
    case "Invalid":
      return NEVER_RAN;
    case "Error":
    case "Pending":
    case "Scheduled":
    case "Running":
    case "Stopping":
      return OWN_FAILURE; // how it ended, or whether, is not known
  }
}

/** 0 only if all succeeded; else the code on which all that failed agree, or 1. */
export function exitCodeOfAll(endings: readonly Ending[]): number {
  const failures = new Set(endings.map(exitCodeOf).filter((code) => code !== 0));
  const [only = 0, another] = failures;
  return another === undefined ? only : 1;
}
