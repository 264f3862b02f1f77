/** A slow action that serves everybody who asked before it began, as one fsync does: at most one runs and one waits. */
export class Coalesced {
  readonly #action: () => Promise<void>;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(action: () => Promise<void>) {
    this.#action = action;
  }

  /** Settles as an action does that begins after this call. */
  run(): Promise<void> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      const action = this.#action();
      this.#running = action.catch(() => undefined); // told to those who asked for it
      return action;
    });
    return this.#next;
  }
}
