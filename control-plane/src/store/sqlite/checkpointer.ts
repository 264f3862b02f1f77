import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Logger } from "pino";
import type { GroupCommit } from "./group-commit.ts";
import type { CheckpointMode, CheckpointResult } from "./checkpoint-worker.ts";

/** From a first commit to the checkpoint that covers it and those after it, milliseconds. */
const PASSIVE_MS = 1_000;
/** Without a commit for this long the store is idle, and the log may be cut, milliseconds. */
const IDLE_MS = 2_000;
/** A log of this many pages (of 4 KiB: 4 MiB) is cut when idle … */
const LARGE_PAGES = 1_024;
/** … and one of this many (64 MiB) at once: commits wait while the little is moved that a PASSIVE checkpoint just left. */
const HUGE_PAGES = 16_384;

export type Checkpointer = { committed: () => void; close: () => Promise<void> };

/**
 * Keeps the write-ahead log short from a thread of its own, because a checkpoint inside a COMMIT stalls the event loop for
 * 36-69 ms (limits.md E). PASSIVE never makes a commit wait, but the log starts anew only when nothing is written meanwhile.
 * TRUNCATE holds the writer's lock, for as long as the disk takes: `commits` are paused for it, so that none of them waits
 * for the lock, which would stop the event loop. At rest no timer runs, and before the first checkpoint there is no thread.
 */
export function createCheckpointer(
  path: string,
  log: Logger,
  commits: Pick<GroupCommit, "pause" | "resume">,
): Checkpointer {
  let worker: Worker | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** A checkpoint is under way. */
  let busy = false;
  /** There are commits that no checkpoint has covered since. */
  let dirty = false;
  /** The last one failed, and that was told. */
  let failing = false;
  let ended = false;

  const post = (mode: CheckpointMode): void => {
    timer = undefined;
    busy = true;
    if (mode === "PASSIVE") dirty = false;
    else commits.pause();
    worker ??= start();
    worker.postMessage(mode); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread, not a window
  };
  const wait = (ms: number, mode: CheckpointMode): void => {
    timer = setTimeout(() => post(dirty ? "PASSIVE" : mode), ms).unref();
  };
  const start = (): Worker => {
    const started = new Worker(new URL("./checkpoint-worker.ts", import.meta.url), { workerData: { path } });
    started.unref();
    started.on("message", done);
    started.on("error", (error) => {
      ended = true;
      commits.resume();
      log.error({ err: error }, "the checkpointer died; the write-ahead log grows until the next start");
    });
    return started;
  };
  const done = (result: CheckpointResult): void => {
    busy = false;
    commits.resume();
    if (ended) return;
    if ("failure" in result) {
      if (!failing)
        log.warn({ failure: result.failure }, "a checkpoint failed; the write-ahead log grows until one succeeds");
      failing = true;
      dirty = true;
      return wait(PASSIVE_MS, "PASSIVE");
    }
    failing = false;
    if (result.logPages >= HUGE_PAGES) post("TRUNCATE");
    else if (dirty) wait(PASSIVE_MS, "PASSIVE");
    else if (result.logPages >= LARGE_PAGES) wait(IDLE_MS, "TRUNCATE");
  };

  return {
    committed: () => {
      if (ended) return;
      dirty = true;
      if (!timer && !busy) wait(PASSIVE_MS, "PASSIVE");
    },
    close: async () => {
      clearTimeout(timer);
      if (ended || !worker) return;
      ended = true;
      worker.ref(); // nothing else may keep the process alive until it has gone
      const exit = once(worker, "exit");
      worker.postMessage("close"); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread, not a window
      await exit;
    },
  };
}
