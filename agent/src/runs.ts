import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Launcher } from "@cloud-assistant/shared/launcher";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import { unlinkAll, unlinkKnown } from "./disk.ts";
import { scriptFileName, startScript } from "./launch/start-script.ts";
import { runName, toRunKey } from "./run-name.ts";
import { RunRecord } from "./run-record.ts";

export type GivenScript = { readonly script: Uint8Array; readonly launcher?: Launcher | undefined };

/** Holds the report of the writer's dd; made with the run, so that there is room for it on a full disk. */
export const REPORT_ROOM = " ".repeat(256);
/** What a run leaves if it printed less than a segment. */
const USUAL_FILES = ["task.json", "script", "report", "status", "out.0"];

/**
 * The directories of runs, which are their spools as well; the only place that knows their files. Nothing here is synced:
 * it has to outlive the agent, not the host (ledger.ts).
 *
 * - `task.json` the record · `script`, for another user or with a launcher `script/run` · `report` the writer's
 * - `status` made by who claims the run, lines of supervisor and writer · `stop` made when a stop is taken
 * - `out.N` the output from byte N on
 */
export class Runs {
  readonly #base: string;

  constructor(stateDir: string) {
    this.#base = join(stateDir, "runs");
    mkdirSync(this.#base, { recursive: true, mode: 0o711 });
    chmodSync(this.#base, 0o711);
  }

  path(run: RunKey): string {
    return join(this.#base, runName(run));
  }

  /** @throws {Error} when it is there and was claimed. */
  create(run: RunKey, record: RunRecord, given: GivenScript): void {
    const path = this.path(run);
    if (existsSync(path)) this.#removeUnclaimed(run);
    mkdirSync(path, { mode: 0o700 });
    chmodSync(path, 0o711); // whatever the umask: the script's user must pass through, and cannot list
    writeScript(path, record, given);
    writeFileSync(join(path, "report"), REPORT_ROOM, { mode: 0o600 });
    writeFileSync(join(path, "task.json"), JSON.stringify(record), { mode: 0o600 });
  }

  /** All runs on disk, oldest first. */
  list(): RunKey[] {
    return readdirSync(this.#base)
      .map((name) => ({ name, madeMs: statSync(join(this.#base, name)).birthtimeMs }))
      .toSorted((a, b) => a.madeMs - b.madeMs)
      .map(({ name }) => toRunKey(name));
  }

  /** @throws {Error} when the record is not there or damaged. */
  record(run: RunKey): RunRecord {
    return RunRecord.parse(JSON.parse(readFileSync(join(this.path(run), "task.json"), "utf8")));
  }

  /** Undefined when the record is not there or damaged. */
  markOf(run: RunKey): string | undefined {
    try {
      return this.record(run).mark;
    } catch {
      return undefined;
    }
  }

  statusPath(run: RunKey): string {
    return join(this.path(run), "status");
  }

  /** When the supervisor wrote its last line, epoch milliseconds. */
  exitMs(run: RunKey): number {
    return Math.floor(statSync(this.statusPath(run)).mtimeMs);
  }

  isClaimed(run: RunKey): boolean {
    return existsSync(this.statusPath(run));
  }

  /** Takes the claim for nobody, so that no supervisor can start the run. @returns false when one was first. */
  claimAway(run: RunKey): boolean {
    try {
      writeFileSync(this.statusPath(run), "nobody\n", { flag: "wx", mode: 0o600 });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      return readFileSync(this.statusPath(run), "utf8") === "nobody\n";
    }
  }

  /** When a stop was taken, epoch milliseconds. */
  stopMs(run: RunKey): number | undefined {
    const stop = statSync(join(this.path(run), "stop"), { throwIfNoEntry: false });
    return stop && Math.floor(stop.mtimeMs);
  }

  /** Empty, which needs no room on a full disk. */
  saveStop(run: RunKey): void {
    if (this.stopMs(run) === undefined) writeFileSync(join(this.path(run), "stop"), "", { mode: 0o600 });
  }

  /** Of a run that has ended: nothing starts it any more. */
  removeScript(run: RunKey): void {
    rmSync(join(this.path(run), "script"), { recursive: true, force: true });
  }

  /** Of a run whose end the ledger knows: a crash in the middle leaves the rest to the next start. */
  remove(run: RunKey): void {
    const path = this.path(run);
    if (unlinkKnown(path, USUAL_FILES)) return;
    unlinkAll(join(path, "script"));
    unlinkAll(path);
  }

  /** Of a run that was never accepted. */
  #removeUnclaimed(run: RunKey): void {
    if (this.isClaimed(run)) throw new Error(`the directory of ${runName(run)} is there and was claimed`);
    rmSync(this.path(run), { recursive: true });
  }
}

/** With a launcher the script is a file beside the one that starts it. */
function writeScript(
  directory: string,
  { script: file, launch: { user, userSwitch } }: RunRecord,
  { script, launcher }: GivenScript,
): void {
  const path = join(directory, file);
  if (file === "script") return writeFileSync(path, script, { mode: 0o600 });
  const own = dirname(path);
  mkdirSync(own, { mode: 0o700 });
  const main = launcher && join(own, scriptFileName(launcher));
  writeFileSync(path, launcher && main ? startScript(launcher, main) : script, { mode: 0o400 });
  if (main) writeFileSync(main, script, { mode: 0o500 });
  if (userSwitch === "none") return;
  for (const made of [path, ...(main ? [main] : []), own]) chownSync(made, user.uid, user.gid);
  chmodSync(own, 0o500);
}
