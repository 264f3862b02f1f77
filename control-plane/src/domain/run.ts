import type { KillReport, RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import { isFinal, type FinalRunStatus } from "@cloud-assistant/shared/vocabulary";

/** What the API tells of a run that is over. Texts of `errorInfo` follow api-facts section 3. */
export type Outcome = {
  readonly exitCode?: number;
  readonly errorCode: string;
  readonly errorInfo: string;
  readonly startedMs?: number;
  readonly finishedMs: number;
  readonly kill?: KillReport;
};

/** When the order left for the agent; from then on only the agent can say that the script never ran. */
type Sent = { readonly sentMs?: number };

/** One invocation on one instance. Each member holds only what is true in that status. */
export type Run =
  | ({ readonly status: "Pending"; readonly deadlineMs: number } & Sent)
  | ({ readonly status: "Running"; readonly startedMs: number } & Sent)
  | ({ readonly status: "Stopping"; readonly stopMs: number; readonly startedMs?: number } & Sent)
  | ({ readonly status: FinalRunStatus; readonly stopMs?: number } & Outcome);

export type RunEvent =
  /** The order is about to leave (committed before it does). */
  | { readonly type: "sent"; readonly atMs: number }
  /** The order provably never left: its connection was gone before the frame was written. */
  | { readonly type: "unsent" }
  | { readonly type: "started"; readonly atMs: number }
  | { readonly type: "ended"; readonly atMs: number; readonly end: RunEnd }
  | { readonly type: "stopAsked"; readonly atMs: number }
  /** The delivery deadline may have passed. */
  | { readonly type: "tick"; readonly atMs: number }
  /** Nobody can know any more how it ended: the bound of promise 1 has passed, or the host's ledger is another one. */
  | { readonly type: "outcomeUnknown"; readonly atMs: number; readonly errorInfo: string }
  /** The host was taken out of service: nobody will tell any more how it ended. */
  | { readonly type: "deregistered"; readonly atMs: number };

export function isFinalRun(run: Run): run is Extract<Run, Outcome> {
  return isFinal(run.status);
}

/** Pure. Returns `run` itself when the event changes nothing (late, duplicate, out of order). */
export function nextRun(run: Run, event: RunEvent): Run {
  switch (run.status) {
    case "Success":
    case "Failed":
    case "Timeout":
    case "Error":
    case "Invalid":
    case "Aborted":
    case "Cancelled":
    case "Terminated":
      return run; // final
    case "Pending":
      switch (event.type) {
        case "sent":
          return run.sentMs === undefined ? { ...run, sentMs: event.atMs } : run;
        case "unsent":
          return run.sentMs === undefined ? run : { status: "Pending", deadlineMs: run.deadlineMs };
        case "started":
          return { status: "Running", startedMs: event.atMs, ...sentAt(run) };
        case "ended":
          return ended(run, event); // from Pending too: the `started` frame may be lost or late
        case "stopAsked":
          return run.sentMs === undefined
            ? cancelled(event.atMs, event.atMs)
            : { status: "Stopping", stopMs: event.atMs, ...sentAt(run) };
        case "tick":
          return run.sentMs === undefined && event.atMs >= run.deadlineMs ? aborted(event.atMs) : run;
        case "outcomeUnknown":
          return unknown(event);
        case "deregistered":
          return run.sentMs === undefined
            ? aborted(event.atMs, "InstanceDeregistered", "the managed instance has been deregistered")
            : deregistered(event.atMs);
      }
    case "Running":
      switch (event.type) {
        case "stopAsked":
          return { status: "Stopping", stopMs: event.atMs, startedMs: run.startedMs, ...sentAt(run) };
        case "ended":
          return ended(run, event);
        case "outcomeUnknown":
          return unknown(event, run.startedMs);
        case "deregistered":
          return deregistered(event.atMs, run.startedMs);
        case "sent":
        case "unsent":
        case "started":
        case "tick":
          return run;
      }
    case "Stopping":
      switch (event.type) {
        case "started":
          return run.startedMs === undefined ? { ...run, startedMs: event.atMs } : run;
        case "ended":
          return ended(run, event);
        case "outcomeUnknown":
          return { ...unknown(event, run.startedMs), stopMs: run.stopMs };
        case "deregistered":
          return { ...deregistered(event.atMs, run.startedMs), stopMs: run.stopMs };
        case "unsent": // stopped between the commit as sent and the writing of the frame: nobody else can end it
          return run.startedMs === undefined ? cancelled(run.stopMs, run.stopMs) : run;
        case "sent":
        case "stopAsked":
        case "tick":
          return run;
      }
  }
}

/** A dry run (RepeatMode) on one host: over before it begins, and never sent. It says whether the agent could be reached. */
export function dryRun(connected: boolean, atMs: number): Run {
  if (connected) return { status: "Success", errorCode: "", errorInfo: "", finishedMs: atMs };
  return {
    status: "Aborted",
    errorCode: "ClientNotOnline",
    errorInfo: "the agent is not connected to the server",
    finishedMs: atMs,
  };
}

function sentAt(run: Sent): Sent {
  return run.sentMs === undefined ? {} : { sentMs: run.sentMs };
}

function cancelled(stopMs: number, atMs: number): Run {
  return { status: "Cancelled", errorCode: "", errorInfo: "", finishedMs: atMs, stopMs };
}

function aborted(
  atMs: number,
  errorCode = "DeliveryTimeout",
  errorInfo = "the command delivery has been timeout",
): Run {
  return { status: "Aborted", errorCode, errorInfo, finishedMs: atMs };
}

function deregistered(atMs: number, startedMs?: number): Extract<Run, Outcome> {
  const errorInfo = "outcome unknown: the managed instance has been deregistered";
  return { ...unknown({ atMs, errorInfo }, startedMs), errorCode: "InstanceDeregistered" };
}

function unknown(event: { atMs: number; errorInfo: string }, startedMs?: number): Extract<Run, Outcome> {
  return {
    status: "Error",
    errorCode: "ExecutionException",
    errorInfo: event.errorInfo,
    finishedMs: event.atMs,
    ...(startedMs === undefined ? {} : { startedMs }),
  };
}

function ended(run: Run, { atMs, end }: { atMs: number; end: RunEnd }): Run {
  const stop = run.status === "Stopping" ? { stopMs: run.stopMs } : {};
  const killed = "kill" in end && end.kill ? { kill: end.kill } : {};
  const exit = "exitCode" in end && end.exitCode !== undefined ? { exitCode: end.exitCode } : {};
  switch (end.how) {
    case "exited":
      return {
        status: end.exitCode === 0 ? "Success" : "Failed",
        exitCode: end.exitCode,
        errorCode: end.exitCode === 0 ? "" : "ExitCodeNonzero",
        errorInfo: end.exitCode === 0 ? "" : "the command execution exit code is not zero",
        startedMs: end.startedMs,
        finishedMs: end.finishedMs,
        ...stop,
      };
    case "timedOut":
      return {
        status: "Timeout",
        errorCode: "ExecutionTimeout",
        errorInfo: `the command execution has been timeout${killText(end.kill)}`,
        startedMs: end.startedMs,
        finishedMs: end.finishedMs,
        ...exit,
        ...killed,
        ...stop,
      };
    case "stopped":
      return {
        status: "Terminated",
        errorCode: "",
        errorInfo: end.kill ? `the command execution was stopped${killText(end.kill)}` : "",
        startedMs: end.startedMs,
        finishedMs: end.finishedMs,
        ...exit,
        ...killed,
        ...stop,
      };
    case "invalid":
      return { status: "Invalid", errorCode: end.errorCode, errorInfo: end.errorInfo, finishedMs: atMs, ...stop };
    case "refused":
      if (run.status === "Stopping") return cancelled(run.stopMs, atMs); // whatever kept it from running, a stop was asked
      return end.reason === "cancelled" ? cancelled(atMs, atMs) : aborted(atMs);
    case "failed":
      return {
        status: "Error",
        errorCode: end.errorCode,
        errorInfo: end.errorInfo,
        finishedMs: end.finishedMs ?? atMs,
        ...(end.startedMs === undefined ? {} : { startedMs: end.startedMs }),
        ...killed,
        ...stop,
      };
  }
}

/** " (killed 3, left 0, by cgroup)" */
function killText(kill: KillReport | undefined): string {
  return kill ? ` (killed ${kill.killed}, left ${kill.left}, by ${kill.means})` : "";
}
