import type { RunEndLine } from "./output-stream.ts";

const TIMED_OUT = 124;
const OWN_FAILURE = 125;
const NOT_DELIVERED = 126;
/** Ended by a stop: as a shell shows SIGTERM. */
const STOPPED = 143;

/** One host: the script's own code where it has one. Many: 0 only if all succeeded. */
export function exitCodeOf(ends: readonly Pick<RunEndLine, "InvocationStatus" | "ExitCode">[]): number {
  const [only] = ends;
  if (ends.length !== 1 || !only) return ends.length > 0 && ends.every(({ InvocationStatus }) => InvocationStatus === "Success") ? 0 : 1;
  switch (only.InvocationStatus) {
    case "Success":
    case "Failed":
      return only.ExitCode ?? OWN_FAILURE;
    case "Timeout":
      return TIMED_OUT;
    case "Aborted":
      return NOT_DELIVERED;
    case "Terminated":
    case "Cancelled":
      return STOPPED;
    default:
      return OWN_FAILURE;
  }
}
