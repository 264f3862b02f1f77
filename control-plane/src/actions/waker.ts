import type { Clock } from "@cloud-assistant/shared/clock";

/** Turns "something moved" calls into waits: one that came while nobody waited ends the next wait at once. */
export class Waker {
  #woken = false;
  #wait: AbortController | undefined;

  readonly wake = (): void => {
    this.#woken = true;
    this.#wait?.abort();
  };

  /** Waits for a wake, at most `maxMs`. @returns false when that passed or `signal` aborted. */
  async wait(maxMs: number, signal: AbortSignal, clock: Clock): Promise<boolean> {
    if (!this.#woken) {
      this.#wait = new AbortController();
      await pause(maxMs, AbortSignal.any([this.#wait.signal, signal]), clock);
      this.#wait = undefined;
    }
    const woken = this.#woken;
    this.#woken = false;
    return woken;
  }
}

/** Sleeps until `ms` have passed or `signal` aborts, whichever is first. */
export async function pause(ms: number, signal: AbortSignal, clock: Clock): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
