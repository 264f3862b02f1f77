import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const bin = join(import.meta.dirname, "..", "..", "cli", "bin", "cloud-assistant.mjs");

export type CliEnd = { readonly exitCode: number | null; readonly stdout: Buffer; readonly stderr: string };
export type Cli = {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<CliEnd>;
};
export type CliOptions = {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Starts the program elsewhere than here, e.g. `Host.spawn` of `hosts.ts`. */
  readonly spawn?: (program: string, args: readonly string[], options: SpawnOptions) => ChildProcess;
};

/** Starts the real command line, with nothing of this environment but PATH and an empty home. */
export function startCli(
  args: readonly string[],
  { input, env = {}, cwd, spawn: spawnThere = spawn }: CliOptions = {},
): Cli {
  const child = spawnThere(process.execPath, [bin, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", ...env },
    ...(cwd && { cwd }),
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on("data", (data: Buffer) => stdout.push(data));
  child.stderr?.on("data", (data: Buffer) => stderr.push(data));
  child.stdin?.on("error", () => undefined); // it need not read what it is given
  child.stdin?.end(input);
  const ended = new Promise<CliEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) =>
      resolve({ exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
    );
  });
  return {
    child,
    stdout: () => Buffer.concat(stdout).toString(),
    stderr: () => Buffer.concat(stderr).toString(),
    ended,
  };
}

export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliEnd> {
  return startCli(args, options).ended;
}

/** Whether a process is there and is more than an exit status nobody has fetched yet. */
export function isRunning(pid: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return false;
  }
}
