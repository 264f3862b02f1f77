import type { RunEnd } from "@cloud-assistant/shared/protocol/run-end";

type FailedEnd = Extract<RunEnd, { how: "failed" }>;

/** What belongs to the run was killed or is gone: nobody can say how it would have ended. */
export function interrupted(reason: string, more: Omit<FailedEnd, "how" | "errorCode" | "errorInfo"> = {}): RunEnd {
  return {
    how: "failed",
    errorCode: "ExecutionInterrupted",
    errorInfo: `the command execution has been interrupted: ${reason}`,
    ...more,
  };
}

export function restarted(atMs: number): RunEnd {
  return {
    how: "failed",
    errorCode: "InstanceRestarted",
    errorInfo: "the instance was restarted during the execution",
    finishedMs: atMs,
  };
}
