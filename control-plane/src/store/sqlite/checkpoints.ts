import { Worker } from "node:worker_threads";

/** Checkpoint after about this many queue entries: some 10 MB of log at the usual size of a write. */
const ENTRIES_BETWEEN = 4_000;

export class Checkpoints {
  readonly #worker: Worker;
  #running = false;
  #entries = 0;

  constructor(file: string, onError: (error: unknown) => void) {
    this.#worker = new Worker(new URL("./checkpoint-worker.ts", import.meta.url), { workerData: file, execArgv: ["--disable-warning=ExperimentalWarning"] });
    this.#worker.unref();
    this.#worker.on("message", () => (this.#running = false));
    this.#worker.on("error", onError);
  }

  flushed(entries: number): void {
    this.#entries += entries;
    if (this.#running || this.#entries < ENTRIES_BETWEEN) return;
    this.#running = true;
    this.#entries = 0;
    this.#worker.postMessage("checkpoint"); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread, not a window
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
