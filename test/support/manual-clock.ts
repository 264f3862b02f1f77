import { MAX_SLEEP_MS, type Clock } from "@cloud-assistant/shared/clock";

type Sleeper = { dueMs: number; wake: () => void };

/** A clock that stands still until a test moves it; same contract as the real ones (test/contract/clock.test.ts). */
export class ManualClock implements Clock {
  #wallMs: number;
  #elapsedMs = 0;
  readonly #sleepers = new Set<Sleeper>();

  constructor(wallMs = 1_764_000_000_000) {
    this.#wallMs = wallMs;
  }

  readonly now = (): number => this.#wallMs;
  readonly elapsed = (): number => this.#elapsedMs;

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!(ms >= 0 && ms <= MAX_SLEEP_MS)) throw new RangeError(`a sleep of ${ms} ms is outside 0 to ${MAX_SLEEP_MS}`);
      const abort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(Object.assign(new Error("the sleep was aborted", { cause: signal?.reason }), { name: "AbortError" }));
      };
      const sleeper: Sleeper = {
        dueMs: this.#elapsedMs + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener("abort", abort);
          resolve();
        },
      };
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      this.#sleepers.add(sleeper);
    });

  /** Sleeps nobody has woken yet. */
  get pending(): number {
    return this.#sleepers.size;
  }

  /** Milliseconds to the next wake-up, or undefined when nobody sleeps. */
  get nextMs(): number | undefined {
    const due = [...this.#sleepers].map(({ dueMs }) => dueMs);
    return due.length === 0 ? undefined : Math.min(...due) - this.#elapsedMs;
  }

  /** Moves both clocks by `ms`, waking sleepers at their times, in order; those they start on the way are woken too. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsedMs + ms;
    for (;;) {
      await settle();
      const [next] = [...this.#sleepers].filter(({ dueMs }) => dueMs <= end).toSorted((a, b) => a.dueMs - b.dueMs);
      if (!next) break;
      this.#moveTo(Math.max(next.dueMs, this.#elapsedMs));
      next.wake();
    }
    this.#moveTo(end);
    await settle();
  }

  /** The wall clock is set, as by NTP or a person; the monotonic one does not move. */
  jump(ms: number): void {
    this.#wallMs += ms;
  }

  #moveTo(elapsedMs: number): void {
    this.#wallMs += elapsedMs - this.#elapsedMs;
    this.#elapsedMs = elapsedMs;
  }
}

/** Lets everything that is ready run, promises and immediates. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
