/** Time as an argument: production passes `systemClock` of its side, tests pass `ManualClock`. */
export type Clock = {
  /** Wall clock, epoch milliseconds. May jump; never used for a wait. */
  now: () => number;
  /** Monotonic milliseconds since an arbitrary start. */
  elapsed: () => number;
  /**
   * Waits `ms` milliseconds, 0 to 2_147_483_647 (24.8 days; Node's `setTimeout` turns more into 1 ms).
   * @throws {RangeError} when `ms` is outside that range.
   * @throws {Error} when `signal` aborts first: name `AbortError`, the abort reason as its `cause`.
   * @see https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
   */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
};

/** The longest wait one timer can hold, in milliseconds. */
export const MAX_SLEEP_MS = 2_147_483_647;
