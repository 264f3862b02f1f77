import type { Clock } from "@cloud-assistant/shared/clock";
import type { KillReport } from "@cloud-assistant/shared/protocol/run-end";
import type { Scope } from "./launch/scope.ts";

/** How often a scope, which has no event of its own, is looked at while it is being ended, milliseconds. */
const LOOK_MS = 20;
/** How long killed processes may take to be gone (one in an uninterruptible wait cannot be ended), milliseconds. */
const GONE_MS = 10_000;

export type Ending = "timedOut" | "stopped";
export type Supervised = { readonly how: "exited" } | { readonly how: Ending; readonly kill: KillReport };

export type Supervision = {
  /** Settles when the script's exit is written, or can never be any more. */
  readonly exited: Promise<void>;
  readonly scope: Scope;
  /** Milliseconds until the deadline, from now. */
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly stop: AbortSignal;
  /** Nobody watches any more: the script is left alone. */
  readonly closed: AbortSignal;
  readonly clock: Clock;
};

/**
 * Waits for a run to end, ending it if it must: SIGTERM, grace, SIGKILL. The first reason to end is the one told.
 * @throws {Error} name `AbortError`, when `closed` aborts first.
 */
export async function supervise({
  exited,
  scope,
  timeoutMs,
  graceMs,
  stop,
  closed,
  clock,
}: Supervision): Promise<Supervised> {
  const over = new AbortController();
  const either = AbortSignal.any([over.signal, closed]);
  const reason = await Promise.race([
    exited.then(() => "exited" as const),
    onceAborted(stop, either),
    clock.sleep(Math.max(0, timeoutMs), either).then(() => "timedOut" as const),
  ]).finally(() => over.abort());
  if (reason === "exited") return { how: "exited" };
  const kill = await end(scope, graceMs, clock, closed);
  if (kill.left === 0) await exited; // its exit code follows at once; else it may never come
  return { how: reason, kill };
}

/** Ends everything in the scope and measures that it is gone. */
export async function end(scope: Scope, graceMs: number, clock: Clock, closed: AbortSignal): Promise<KillReport> {
  const found = scope.find();
  for (const one of found) scope.signal(one, "SIGTERM");
  await until(() => scope.find().length === 0, graceMs, clock, closed);
  await until(
    () => {
      if (scope.find().length === 0) return true;
      scope.kill();
      return false;
    },
    GONE_MS,
    clock,
    closed,
  );
  return { means: scope.means, killed: found.length, left: scope.find().length };
}

/** @returns whether it was done in time. */
export async function until(done: () => boolean, limitMs: number, clock: Clock, closed: AbortSignal): Promise<boolean> {
  const deadline = clock.elapsed() + limitMs;
  for (;;) {
    if (done()) return true;
    if (clock.elapsed() >= deadline) return false;
    await clock.sleep(LOOK_MS, closed);
  }
}

export type Aftermath = {
  readonly startedMs: number;
  readonly exitMs: number;
  readonly timeoutMs: number;
  readonly stopMs?: number;
};

/** Why a script ended that nobody watched: the first thing that was due before its exit. Times in epoch milliseconds. */
export function endingInRetrospect({ startedMs, exitMs, timeoutMs, stopMs }: Aftermath): "exited" | Ending {
  const deadlineMs = startedMs + timeoutMs;
  const stopped = stopMs !== undefined && stopMs <= exitMs;
  const timedOut = deadlineMs < exitMs;
  if (stopped && timedOut) return stopMs <= deadlineMs ? "stopped" : "timedOut";
  return stopped ? "stopped" : timedOut ? "timedOut" : "exited";
}

function onceAborted(stop: AbortSignal, over: AbortSignal): Promise<"stopped"> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve("stopped");
    else stop.addEventListener("abort", () => resolve("stopped"), { once: true, signal: over });
  });
}
