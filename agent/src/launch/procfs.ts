import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process, told from any later one with the same pid by the time it started. */
export type ProcessId = { readonly pid: number; readonly startTicks: number };
export type ProcessStat = ProcessId & {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly zombie: boolean;
};

/** Clock ticks a second in /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** @see proc(5), /proc/pid/stat: the name in parentheses may hold anything, so fields count from the last `)`. */
export function parseStat(text: string): ProcessStat | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group, session] = fields;
  const pid = Number.parseInt(text, 10);
  const startTicks = Number(fields[19]);
  if (!Number.isInteger(pid) || !Number.isInteger(startTicks)) return undefined;
  return {
    pid,
    startTicks,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    zombie: state === "Z" || state === "X",
  };
}

/** Undefined when there is no such process (any more). */
export function readStat(pid: number): ProcessStat | undefined {
  const text = readOrUndefined(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

export function isAlive({ pid, startTicks }: ProcessId): boolean {
  const stat = readStat(pid);
  return stat !== undefined && stat.startTicks === startTicks && !stat.zombie;
}

/** Sends the signal unless the process is gone or its pid was given to another one. */
export function signalProcess(process_: ProcessId, signal: NodeJS.Signals): void {
  if (!isAlive(process_)) return;
  try {
    process.kill(process_.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

export function listProcesses(): ProcessStat[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== undefined && !stat.zombie) as ProcessStat[];
}

export function hasEnvironment(pid: number, entry: string): boolean {
  return readOrUndefined(`/proc/${pid}/environ`)?.split("\0").includes(entry) ?? false;
}

/** Whether any living process but this one has an open file whose path begins like that. */
export function isOpenAnywhere(pathStart: string): boolean {
  return listProcesses().some(({ pid }) => {
    if (pid === process.pid) return false;
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(pathStart));
    } catch {
      return false; // gone meanwhile
    }
  });
}

/** Milliseconds since the host booted. */
export function uptimeMs(): number {
  return Number.parseFloat(readFileSync("/proc/uptime", "utf8")) * 1000;
}

export function ticksToMs(ticks: number): number {
  return (ticks * 1000) / TICKS_PER_SECOND;
}

export function readBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined; // the process is gone
  }
}
