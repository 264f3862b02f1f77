import { fork, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { once } from "node:events";

const TICKS_PER_SECOND = 100;

/** CPU a process has used so far, user and system, in milliseconds; resolution 10 ms. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

/** Resident set of a process, bytes. */
export function rssBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

/**
 * Starts a program of ours with an IPC channel and waits for its first message.
 * @param errorFile where its standard error goes instead of ours
 */
export async function startProgram<T>(
  path: string,
  args: readonly string[] = [],
  execArgv: readonly string[] = [],
  errorFile?: string,
): Promise<{ child: ChildProcess; pid: number; ready: T }> {
  const stderr = errorFile === undefined ? "inherit" : openSync(errorFile, "a");
  const child = fork(path, [...args], { execArgv: [...execArgv], stdio: ["ignore", "inherit", stderr, "ipc"] });
  if (typeof stderr === "number") closeSync(stderr);
  const [ready] = (await once(child, "message")) as [T];
  if (child.pid === undefined) throw new Error(`${path} has no pid`);
  return { child, pid: child.pid, ready };
}

export async function stopProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  if (child.connected) child.disconnect();
  await exited;
}
