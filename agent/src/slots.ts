/** How many may do something at once; the others wait in their order. */
export class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** A slot at once, even if there is none left. @returns what gives it back. */
  take(): () => void {
    this.#free -= 1;
    return () => {
      this.#free += 1;
      const [next] = this.#waiting;
      if (this.#free > 0) next?.();
    };
  }

  hasFree(): boolean {
    return this.#free > 0;
  }

  /** @returns what gives it back, or undefined when `over` aborts first. */
  acquire(over: AbortSignal): Promise<(() => void) | undefined> {
    return new Promise((resolve) => {
      if (over.aborted) return resolve(undefined);
      if (this.#free > 0) return resolve(this.take());
      const settle = (slot: (() => void) | undefined): void => {
        this.#waiting.delete(turn);
        over.removeEventListener("abort", leave);
        resolve(slot);
      };
      const turn = (): void => settle(this.take());
      const leave = (): void => settle(undefined);
      over.addEventListener("abort", leave, { once: true });
      this.#waiting.add(turn);
    });
  }
}
