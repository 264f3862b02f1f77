import type { Clock } from "@cloud-assistant/shared/clock";

/** Sleeps. @returns false when `signal` aborted first. */
export async function sleepUnless(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(Math.ceil(ms), signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/** Runs `work` with a signal that aborts after `ms` milliseconds, or with `outer`; `work` must end when it does. */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const over = new AbortController();
  const done = new AbortController();
  const abort = (): void => over.abort(outer?.reason);
  outer?.addEventListener("abort", abort, { once: true });
  if (outer?.aborted) abort();
  const watch = sleepUnless(clock, ms, done.signal).then(
    (late) => late && over.abort(new Error(`no answer within ${ms / 1000} s`)),
  );
  try {
    return await work(over.signal);
  } catch (error) {
    throw over.signal.aborted ? over.signal.reason : error;
  } finally {
    outer?.removeEventListener("abort", abort);
    done.abort();
    await watch;
  }
}
