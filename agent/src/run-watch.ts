import { closeSync, openSync, watch, type FSWatcher } from "node:fs";
import { join } from "node:path";
import { readStatus, type RunStatusLines } from "./status-file.ts";

export type RunWatchTellers = {
  /** Called at each look, before those who wait are asked. */
  readonly onLook: (now: RunStatusLines, before: RunStatusLines) => void;
  readonly onOutput: () => void;
};
type Wait = {
  readonly isOver: () => boolean;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
};

/**
 * What supervisor and writer of one run have written so far, and who waits for what of it. Somebody has to call `look`:
 * most runs are over before a watch of their own (`follow`) would pay.
 */
export class RunWatch {
  readonly #directory: string;
  readonly #tellers: RunWatchTellers;
  readonly #waits = new Set<Wait>();
  #status: RunStatusLines = {};
  #file: number | undefined;
  #watcher: FSWatcher | undefined;
  #looking = false;
  #closed = false;
  #closeReason: unknown;

  constructor(directory: string, tellers: RunWatchTellers) {
    this.#directory = directory;
    this.#tellers = tellers;
  }

  /** As of the last look. */
  get status(): RunStatusLines {
    return this.#status;
  }

  /** As of now. */
  readStatus(): RunStatusLines {
    if (this.#closed) return this.#status;
    this.#file ??= openIfThere(join(this.#directory, "status"));
    return this.#file === undefined ? {} : readStatus(this.#file);
  }

  look(): void {
    if (this.#closed) return;
    const before = this.#status;
    this.#status = this.readStatus();
    this.#tellers.onLook(this.#status, before);
    for (const wait of this.#waits) if (wait.isOver()) this.#settle(wait, wait.resolve);
  }

  get isFollowing(): boolean {
    return this.#watcher !== undefined;
  }

  /**
   * From now on looks at each change by itself.
   * @throws {Error} ENOSPC or EMFILE, when the host has no watch left: somebody has to call `look` further on.
   */
  follow(): void {
    if (this.#closed || this.#watcher) return;
    this.#watcher = watch(this.#directory, (_, name) => this.#changed(name));
    this.look();
    this.#tellers.onOutput();
  }

  /** Asked now and at each look. */
  when(isOver: () => boolean): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closeReason as Error);
    if (isOver()) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waits.add({ isOver, resolve, reject }));
  }

  /** Whoever still waits is told `reason`. */
  close(reason: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#closeReason = reason;
    this.#watcher?.close();
    if (this.#file !== undefined) closeSync(this.#file);
    for (const wait of this.#waits) this.#settle(wait, () => wait.reject(reason));
  }

  #settle(wait: Wait, settle: () => void): void {
    this.#waits.delete(wait);
    settle();
  }

  /** Many changes come at once: one look serves them. More output alone changes nothing but what can be told. */
  #changed(name: string | null): void {
    if (this.#looking || this.#closed) return;
    if (name?.startsWith("out.") && this.#status.exitCode === undefined) return this.#tellers.onOutput();
    this.#looking = true;
    setImmediate(() => {
      this.#looking = false;
      this.look();
    });
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
}
