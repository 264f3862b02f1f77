import type { Clock } from "@cloud-assistant/shared/clock";

/** Runs `work` with a signal that aborts after `ms` milliseconds; `work` must end when it does. */
export async function withDeadline<T>(clock: Clock, ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  const done = new AbortController();
  const watch = clock.sleep(ms, done.signal).then(
    () => over.abort(new Error(`no answer within ${ms / 1000} s`)),
    () => undefined, // the work was done first
  );
  try {
    return await work(over.signal);
  } catch (error) {
    throw over.signal.aborted ? over.signal.reason : error;
  } finally {
    done.abort();
    await watch;
  }
}
