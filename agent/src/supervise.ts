import type { Clock } from "@cloud-assistant/shared/clock";
import type { KillReport } from "@cloud-assistant/shared/protocol/run-end";
import type { ProcessId } from "./launch/procfs.ts";
import type { Scope } from "./launch/scope.ts";

/** How often a scope that has no event of its own is looked at while it is being ended, milliseconds. */
const LOOK_MS = 25;
/** How long killed processes may take to be gone (a process in an uninterruptible wait cannot be ended), milliseconds. */
const GONE_MS = 10_000;

/** When the exit is not there although nothing is left, the ending is done again after this long, milliseconds. */
const AGAIN_MS = 1_000;

export type Ending = "timedOut" | "stopped";
export type Supervised = { readonly how: "exited" } | { readonly how: Ending; readonly kill: KillReport };

export type Supervision = {
  /** Settles when the supervisor has written the script's exit, or can never do so any more. */
  readonly exited: Promise<void>;
  readonly scope: () => Scope;
  readonly signal: (process_: ProcessId, signal: "SIGTERM") => void;
  /** Milliseconds until the deadline, from now. */
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly stop: AbortSignal;
  readonly clock: Clock;
};

/** Waits for a run to end, ending it if it must: SIGTERM, grace, SIGKILL. The first reason to end is the one told. */
export async function supervise({ exited, scope, signal, timeoutMs, graceMs, stop, clock }: Supervision): Promise<Supervised> {
  const over = new AbortController();
  const reason = await Promise.race([
    exited.then(() => "exited" as const),
    clock.sleep(Math.max(0, timeoutMs), over.signal).then(
      () => "timedOut" as const,
      () => "exited" as const,
    ),
    onceAborted(stop, over.signal),
  ]);
  over.abort();
  if (reason === "exited") return { how: "exited" };
  let kill = await end(scope(), signal, graceMs, clock);
  while (!(await settledWithin(exited, AGAIN_MS, clock))) {
    // the supervisor was between two commands, so that for a moment there was nothing to end
    const more = await end(scope(), signal, 0, clock);
    kill = { means: more.means, killed: kill.killed + more.killed, left: more.left };
  }
  return { how: reason, kill };
}

async function settledWithin(promise: Promise<void>, ms: number, clock: Clock): Promise<boolean> {
  const over = new AbortController();
  const settled = await Promise.race([
    promise.then(() => true),
    clock.sleep(ms, over.signal).then(
      () => false,
      () => true,
    ),
  ]);
  over.abort();
  return settled;
}

/** Ends everything in the scope and measures that it is gone. */
export async function end(scope: Scope, signal: Supervision["signal"], graceMs: number, clock: Clock): Promise<KillReport> {
  const met = new Set<number>();
  const find = (): ProcessId[] => {
    const found = scope.find();
    for (const { pid } of found) met.add(pid);
    return found;
  };
  for (const found of find()) signal(found, "SIGTERM");
  await until(() => find().length === 0, graceMs, clock);
  await until(
    () => {
      if (find().length === 0) return true;
      scope.kill();
      return false;
    },
    GONE_MS,
    clock,
  );
  return { means: scope.means, killed: met.size, left: find().length };
}

async function until(done: () => boolean, limitMs: number, clock: Clock): Promise<void> {
  const deadline = clock.elapsed() + limitMs;
  while (!done() && clock.elapsed() < deadline) await clock.sleep(LOOK_MS);
}

function onceAborted(stop: AbortSignal, over: AbortSignal): Promise<"stopped"> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve("stopped");
    else stop.addEventListener("abort", () => resolve("stopped"), { once: true, signal: over });
  });
}
