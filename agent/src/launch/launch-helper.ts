import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";

/** What the helper needs to start one run; every value is one line of data to it. */
export type LaunchRequest = {
  readonly dir: string;
  /** Empty: the run has no cgroup. */
  readonly cgroup: string;
  readonly parentCgroup: string;
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
  readonly home: string;
  readonly shell: string;
  readonly cwd: string;
  readonly interpreter: string;
  readonly argument: string;
  readonly script: string;
  readonly mark: string;
  readonly marker: string;
};

/** Reads of `dd` in one segment of the spool; each is at most 4096 bytes. */
const READ_BYTES = 4096;
const MAX_SEGMENT_READS = 2048;
const SANE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The long-lived shell that forks supervisors and writers (DESIGN 7: Node forks its whole self for each child). If it
 * dies, what it was told and had not claimed is told to the next one.
 */
export class LaunchHelper {
  readonly #text = readFileSync(join(import.meta.dirname, "helper.sh"), "utf8");
  readonly #spoolMaxBytes: number;
  readonly #log: Logger;
  readonly #onRestart: () => void;
  #child: ChildProcess | undefined;
  #closed = false;

  constructor(spoolMaxBytes: number, log: Logger, onRestart: () => void) {
    this.#spoolMaxBytes = spoolMaxBytes;
    this.#log = log;
    this.#onRestart = onRestart;
    this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  tell(request: LaunchRequest): void {
    const reads = Math.max(1, Math.min(MAX_SEGMENT_READS, Math.floor(this.#spoolMaxBytes / 8 / READ_BYTES)));
    const values = [
      request.dir,
      request.cgroup,
      request.parentCgroup,
      request.uid,
      request.gid,
      request.user,
      request.home,
      request.shell,
      request.cwd,
      request.interpreter,
      request.argument,
      request.script,
      request.mark,
      request.marker,
      reads,
      Math.floor(this.#spoolMaxBytes / 4),
      this.#spoolMaxBytes,
      "go",
    ];
    this.#child?.stdin?.write(`${values.join("\n")}\n`);
  }

  /** The helper ends at the end of its input; what it started goes on. */
  close(): void {
    this.#closed = true;
    this.#child?.stdin?.end();
    this.#child?.unref();
  }

  #start(): void {
    const child = spawn("/bin/sh", ["-c", this.#text], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      cwd: "/",
      env: { PATH: SANE_PATH, LANG: "C.UTF-8" },
    });
    this.#child = child;
    child.stdin.on("error", () => undefined); // its exit tells
    child.on("error", (error) => this.#log.error({ err: error }, "launch helper failed"));
    child.on("exit", (code, signal) => {
      if (this.#closed) return;
      this.#log.warn({ code, signal }, "launch helper ended, starting another");
      this.#start();
      this.#onRestart();
    });
  }
}

/** A value with a line feed or a NUL would be read as two: such a run cannot be started. */
export function isOneLine(value: string): boolean {
  return !/[\n\0]/.test(value);
}
