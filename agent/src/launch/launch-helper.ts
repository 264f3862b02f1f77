import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Logger } from "pino";
import type { UserSwitch } from "./users.ts";

/** What the helper needs to start one run; every value is one line of data to it, so none may hold a line feed or a NUL. */
export type LaunchRequest = {
  readonly dir: string;
  /** The script's file, below `dir`. */
  readonly script: string;
  /** Empty: the run has no cgroup. */
  readonly cgroup: string;
  readonly userSwitch: UserSwitch;
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  readonly cwd: string;
  readonly interpreter: string;
  readonly argument: string;
  readonly mark: string;
  readonly marker: string;
};

/** The PATH of scripts too, whatever the agent was started with. */
export const SANE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** One read of the writer, bytes; as in helper.sh. */
const READ_BYTES = 32 * 1024;
/** Most reads one look of the writer takes: 4 MiB. */
const MAX_READS = 128;
/** Reads after the end mark, which come on top of the bound; as in helper.sh. */
const LAST_READS = 40;
export const MIN_SPOOL_BYTES = 2 * 1024 * 1024;

/** A helper that ends sooner than this after its start is not started again at once, milliseconds. */
const RESTART_MS = 1_000;

export type HelperTellers = {
  /** Another helper runs: it knows none of the runs that are not claimed yet. */
  readonly onRestart: () => void;
  /** The run in this directory has a supervisor and a writer. */
  readonly onClaimed: (dir: string) => void;
  /** Its writer has come to the end of all there was to write. */
  readonly onWritten: (dir: string) => void;
};

/**
 * A long-lived shell that starts supervisors and writers (DESIGN 7: Node forks its whole self for each child). When it
 * dies another is started.
 */
export class LaunchHelper {
  readonly #text = readFileSync(join(import.meta.dirname, "helper.sh"), "utf8");
  readonly #arguments: string[];
  readonly #log: Logger;
  readonly #tellers: HelperTellers;
  #child: ChildProcess | undefined;
  #startedAt = 0;
  #restart: NodeJS.Timeout | undefined;
  #closed = false;

  /** @throws {RangeError} when the bound cannot hold a head, a tail and what comes after the end. */
  constructor(spoolMaxBytes: number, log: Logger, tellers: HelperTellers) {
    if (!(spoolMaxBytes >= MIN_SPOOL_BYTES))
      throw new RangeError(`the spool's bound must be at least ${MIN_SPOOL_BYTES} bytes`);
    const bound = spoolMaxBytes - LAST_READS * READ_BYTES;
    const reads = Math.max(1, Math.min(MAX_READS, Math.floor(bound / 16 / READ_BYTES)));
    this.#arguments = [bound, reads, Math.floor(bound / 8)].map(String);
    this.#log = log;
    this.#tellers = tellers;
    this.#start();
  }

  tell(request: LaunchRequest): void {
    const { dir, script, cgroup, userSwitch, user, uid, gid, home, shell, cwd, interpreter, argument, mark, marker } =
      request;
    const values = [
      dir,
      script,
      cgroup,
      userSwitch,
      user,
      uid,
      gid,
      home,
      shell,
      cwd,
      interpreter,
      argument,
      mark,
      marker,
      "go",
    ];
    this.#child?.stdin?.write(`${values.join("\n")}\n`);
  }

  /** The helper ends at the end of its input; what it started goes on. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#restart);
    this.#child?.stdin?.end();
    this.#child?.stdout?.destroy(); // writers of runs that go on hold its other end
    this.#child?.unref();
  }

  #start(): void {
    this.#startedAt = performance.now();
    const child = spawn("/bin/sh", ["-c", this.#text, "helper", ...this.#arguments], {
      detached: true,
      stdio: ["pipe", "pipe", "ignore"],
      cwd: "/",
      env: { PATH: SANE_PATH, LANG: "C.UTF-8" },
    });
    this.#child = child;
    child.stdin.on("error", () => undefined); // its end tells
    this.#listen(child.stdout);
    child.once("error", (error) => this.#ended({ err: error }));
    child.once("exit", (code, signal) => this.#ended({ code, signal }));
  }

  #listen(stdout: Readable): void {
    let rest = "";
    stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const dir = line.slice(line.indexOf(" ") + 1);
        if (line.startsWith("claimed ")) this.#tellers.onClaimed(dir);
        else if (line.startsWith("written ")) this.#tellers.onWritten(dir);
      }
    });
  }

  #ended(how: object): void {
    if (this.#closed) return;
    this.#log.warn(how, "launch helper ended, starting another");
    const waitMs = Math.max(0, RESTART_MS - (performance.now() - this.#startedAt));
    this.#restart = setTimeout(() => {
      this.#start();
      this.#tellers.onRestart();
    }, waitMs);
  }
}

/** A value with a line feed or a NUL would be read as two: such a run cannot be started. */
export function isOneLine(value: string): boolean {
  return !/[\n\0]/.test(value);
}
