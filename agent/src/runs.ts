import { chownSync, chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import * as z from "zod";
import { syncDirectory } from "./atomic-file.ts";
import { Coalesced } from "./coalesced.ts";
import { overwrite, syncFile, unlinkAll } from "./disk.ts";
import type { User } from "./launch/users.ts";
import { parseJson } from "./parse-json.ts";

const Launch = z.object({
  user: z.object({ name: z.string(), uid: z.int(), gid: z.int(), home: z.string(), shell: z.string() }),
  userSwitch: z.enum(["none", "setpriv", "runuser", "su"]),
  cwd: z.string(),
  interpreter: z.string(),
  argument: z.string(),
});
export type Launch = z.infer<typeof Launch>;

/** `task.json`: everything that must be known of a run before it starts, and stays as it was accepted. */
const RunRecord = z.object({
  order: TaskOrder,
  bootId: z.string(),
  /** Stands behind the script's last byte in the spool; the script cannot know it. */
  mark: z.string(),
  /** In the environment of the script, to find its processes by. */
  marker: z.string(),
  /** Absent when this host cannot run it; then `end` says why. */
  launch: Launch.optional(),
  end: RunEnd.optional(),
});
export type RunRecord = z.infer<typeof RunRecord>;

const EndRecord = z.object({ end: RunEnd, outputBytes: z.int().min(0) });
export type EndRecord = z.infer<typeof EndRecord>;

export function runName({ invokeId, iteration }: RunKey): string {
  return `${invokeId}.${iteration}`;
}

export function toRunKey(name: string): RunKey {
  const dot = name.lastIndexOf(".");
  return { invokeId: name.slice(0, dot), iteration: Number(name.slice(dot + 1)) };
}

/** What `end.json` holds until the end is known: room for it, so that it can be written on a full disk too. */
const END_ROOM_BYTES = 4096;

/**
 * The directories of runs: ledger and spool in one; the only place that knows their files. Whatever is written after a run
 * was accepted goes into a file that was made with it, so a full disk does not change what can be said of a run.
 *
 * - `task.json` the record · `script/run` · `status` lines of supervisor and writer · `claim` who may start it
 * - `running` emptied by the supervisor after the end mark · `stop` filled when a stop is taken · `end.json` filled at the end
 * - `out.N` the output from byte N on
 */
export class Runs {
  readonly #base: string;
  readonly #directory: number;
  readonly #sync: Coalesced;

  constructor(stateDir: string) {
    this.#base = join(stateDir, "runs");
    mkdirSync(this.#base, { recursive: true, mode: 0o711 });
    chmodSync(this.#base, 0o711);
    this.#directory = openSync(this.#base, "r");
    this.#sync = new Coalesced(() => syncFile(this.#directory));
    syncDirectory(stateDir);
    for (const name of readdirSync(this.#base)) {
      if (name.startsWith(".")) rmSync(join(this.#base, name), { recursive: true, force: true }); // never accepted, or over
    }
  }

  path(run: RunKey): string {
    return join(this.#base, runName(run));
  }

  /** Makes the run's directory in one step; resolves when it is durable. */
  async create(run: RunKey, record: RunRecord, script: Uint8Array): Promise<void> {
    const temporary = join(this.#base, `.${runName(run)}`);
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary, { mode: 0o700 });
    chmodSync(temporary, 0o711); // whatever the umask: the script's user must pass through, and cannot list
    if (record.launch) writeScript(join(temporary, "script"), script, record.launch.user);
    for (const [name, text] of [
      ["status", "accepted\n"],
      ["running", "\n"],
      ["stop", "\n"],
      ["end.json", endText()],
    ] as const) {
      writeFileSync(join(temporary, name), text, { mode: 0o600 });
    }
    writeFileSync(join(temporary, "task.json"), JSON.stringify(record), { mode: 0o600 });
    for (const path of [join(temporary, "task.json"), temporary]) {
      const file = openSync(path, "r");
      try {
        await syncFile(file);
      } finally {
        closeSync(file);
      }
    }
    renameSync(temporary, this.path(run));
    await this.#sync.run();
  }

  /** All runs on disk, oldest first. */
  list(): RunKey[] {
    return readdirSync(this.#base)
      .filter((name) => !name.startsWith("."))
      .map((name) => ({ name, madeMs: statSync(join(this.#base, name)).birthtimeMs }))
      .toSorted((a, b) => a.madeMs - b.madeMs)
      .map(({ name }) => toRunKey(name));
  }

  /** @throws {Error} when the record is not there or damaged. */
  record(run: RunKey): RunRecord {
    return RunRecord.parse(JSON.parse(readFileSync(join(this.path(run), "task.json"), "utf8")));
  }

  statusPath(run: RunKey): string {
    return join(this.path(run), "status");
  }

  /** When the exit was written, epoch milliseconds: the supervisor's last act, else its last line. */
  exitMs(run: RunKey): number {
    const running = statSync(join(this.path(run), "running"));
    return Math.floor(running.size === 0 ? running.mtimeMs : statSync(join(this.path(run), "status")).mtimeMs);
  }

  /** The supervisor has done all it had to do: the end mark is in the pipe. */
  isMarked(run: RunKey): boolean {
    return statSync(join(this.path(run), "running")).size === 0;
  }

  isClaimed(run: RunKey): boolean {
    return existsSync(join(this.path(run), "claim"));
  }

  /** Takes the claim for nobody, so that no supervisor can start the run. @returns false when one was first. */
  claimAway(run: RunKey): boolean {
    try {
      writeFileSync(join(this.path(run), "claim"), "nobody\n", { flag: "wx", mode: 0o600 });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      return readFileSync(join(this.path(run), "claim"), "utf8") === "nobody\n";
    }
  }

  /** When a stop was taken, epoch milliseconds. */
  stopMs(run: RunKey): number | undefined {
    const stop = statSync(join(this.path(run), "stop"));
    return stop.size > 1 ? Math.floor(stop.mtimeMs) : undefined;
  }

  /** Durable when it resolves. */
  async saveStop(run: RunKey): Promise<void> {
    if (this.stopMs(run) === undefined) await overwrite(join(this.path(run), "stop"), "stop\n");
  }

  /** Undefined while there is none, or only a piece of one (a crash in the write): then it is found out again. */
  end(run: RunKey): EndRecord | undefined {
    const text = parseJson(readFileSync(join(this.path(run), "end.json"), "utf8"));
    return EndRecord.safeParse(text).data;
  }

  async saveEnd(run: RunKey, end: EndRecord): Promise<void> {
    await overwrite(join(this.path(run), "end.json"), endText(end));
  }

  /** Of a run that has ended: nothing starts it any more. */
  removeScript(run: RunKey): void {
    unlinkAll(join(this.path(run), "script"));
  }

  /** Of a run that `finished` knows: a crash in the middle leaves the rest to the next start. */
  remove(run: RunKey): void {
    unlinkAll(join(this.path(run), "script"));
    unlinkAll(this.path(run));
  }

  close(): void {
    closeSync(this.#directory);
  }
}

function endText(end?: EndRecord): string {
  return (end ? JSON.stringify(end) : "").padEnd(END_ROOM_BYTES);
}

function writeScript(directory: string, script: Uint8Array, user: User): void {
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(join(directory, "run"), script, { mode: 0o400 });
  if (user.uid !== process.getuid?.()) {
    chownSync(join(directory, "run"), user.uid, user.gid);
    chownSync(directory, user.uid, user.gid);
  }
  chmodSync(directory, 0o500);
}
