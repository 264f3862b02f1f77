import { chownSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import { z } from "zod";
import { replaceFile, syncDirectory } from "./atomic-file.ts";
import type { User } from "./launch/users.ts";
import { parseStatus, type RunStatusLines } from "./status-file.ts";

const Launch = z.object({
  user: z.object({ name: z.string(), uid: z.int(), gid: z.int(), home: z.string(), shell: z.string() }),
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
  /** Absent when this host cannot run it; then `end.json` says why. */
  launch: Launch.optional(),
});
export type RunRecord = z.infer<typeof RunRecord>;

const EndRecord = z.object({ end: RunEnd, outputBytes: z.int().min(0) });
export type EndRecord = z.infer<typeof EndRecord>;

export function runName({ invokeId, iteration }: RunKey): string {
  return `${invokeId}.${iteration}`;
}

/** The directories of runs: ledger and spool in one. The only place that knows their files. */
export class Runs {
  readonly #base: string;
  #syncing: Promise<void> | undefined;
  #nextSync: Promise<void> | undefined;

  constructor(stateDir: string) {
    this.#base = join(stateDir, "runs");
    mkdirSync(this.#base, { recursive: true, mode: 0o711 });
    for (const name of readdirSync(this.#base)) {
      if (name.startsWith(".")) rmSync(join(this.#base, name), { recursive: true, force: true }); // never accepted
    }
  }

  path(run: RunKey): string {
    return join(this.#base, runName(run));
  }

  scriptPath(run: RunKey): string {
    return join(this.path(run), "script", "script");
  }

  /** Makes the run's directory in one step; resolves when it is durable. */
  async create(run: RunKey, record: RunRecord, script: Uint8Array, end?: EndRecord): Promise<void> {
    const temporary = join(this.#base, `.${runName(run)}`);
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary, { mode: 0o711 });
    if (record.launch) writeScript(join(temporary, "script"), script, record.launch.user);
    writeFileSync(join(temporary, "status"), "accepted\n", { mode: 0o600 });
    if (end) writeFileSync(join(temporary, "end.json"), JSON.stringify(end), { mode: 0o600 });
    const task = await open(join(temporary, "task.json"), "wx", 0o600);
    try {
      await task.writeFile(JSON.stringify(record));
      await task.sync();
    } finally {
      await task.close();
    }
    await rename(temporary, this.path(run));
    await this.#sync();
  }

  /** Names of all runs on disk, oldest first. */
  list(): RunKey[] {
    return readdirSync(this.#base)
      .filter((name) => !name.startsWith("."))
      .map((name) => ({ name, madeMs: statSync(join(this.#base, name)).birthtimeMs }))
      .toSorted((a, b) => a.madeMs - b.madeMs)
      .map(({ name }) => {
        const dot = name.lastIndexOf(".");
        return { invokeId: name.slice(0, dot), iteration: Number(name.slice(dot + 1)) };
      });
  }

  record(run: RunKey): RunRecord {
    return RunRecord.parse(JSON.parse(readFileSync(join(this.path(run), "task.json"), "utf8")));
  }

  status(run: RunKey): RunStatusLines {
    return parseStatus(readFileSync(join(this.path(run), "status"), "utf8"));
  }

  /** When the last line of the status was written, epoch milliseconds. */
  statusWrittenMs(run: RunKey): number {
    return Math.floor(statSync(join(this.path(run), "status")).mtimeMs);
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

  isStopAsked(run: RunKey): boolean {
    return existsSync(join(this.path(run), "stop"));
  }

  saveStop(run: RunKey): void {
    replaceFile(join(this.path(run), "stop"), "", { sync: true });
  }

  end(run: RunKey): EndRecord | undefined {
    const file = join(this.path(run), "end.json");
    return existsSync(file) ? EndRecord.parse(JSON.parse(readFileSync(file, "utf8"))) : undefined;
  }

  saveEnd(run: RunKey, end: EndRecord): void {
    replaceFile(join(this.path(run), "end.json"), JSON.stringify(end), { sync: true });
  }

  remove(run: RunKey): void {
    const gone = join(this.#base, `.gone-${runName(run)}`);
    renameSync(this.path(run), gone);
    rmSync(gone, { recursive: true, force: true });
  }

  /** One fsync of the directory serves everybody who came before it began. */
  #sync(): Promise<void> {
    this.#nextSync ??= (this.#syncing ?? Promise.resolve()).then(() => {
      this.#syncing = this.#nextSync;
      this.#nextSync = undefined;
      return syncDirectoryLater(this.#base);
    });
    return this.#nextSync;
  }
}

async function syncDirectoryLater(path: string): Promise<void> {
  if (process.platform === "win32") return syncDirectory(path);
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function writeScript(directory: string, script: Uint8Array, user: User): void {
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(join(directory, "script"), script, { mode: 0o400 });
  if (user.uid === process.getuid?.()) return;
  chownSync(join(directory, "script"), user.uid, user.gid);
  chownSync(directory, user.uid, user.gid);
}
