import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, watch } from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { root } from "../step.ts";

const cli = join(root, "cli", "bin", "cloud-assistant.mjs");

/** A command of ours that ends, with what it printed. @param input its standard input */
export async function ask(args: readonly string[], input = ""): Promise<string> {
  const asked = promisify(execFile)(process.execPath, [cli, ...args]);
  asked.child.stdin?.end(input);
  return (await asked).stdout;
}

/** A command of ours whose output goes to this terminal. @returns its exit code */
export async function show(...args: string[]): Promise<number> {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

export type Daemon = { readonly child: ChildProcess; readonly log: () => string; stop: () => Promise<void> };

/** A command of ours that goes on, in a session of its own so that a Ctrl-C is not its end before ours. */
export function start(...args: string[]): Daemon {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "pipe", "pipe"], detached: true });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data: Buffer) => (log += data.toString()));
  const exited = once(child, "exit");
  exited.catch(() => undefined); // told by whenWritten
  return {
    child,
    log: () => log,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null && child.kill("SIGTERM")) await exited;
    },
  };
}

/**
 * The JSON a daemon writes once it is ready.
 * @throws {Error} with the daemon's log when it ends instead.
 */
export async function whenWritten<T>(file: string, { child, log }: Daemon): Promise<T> {
  const gone = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${child.spawnargs.join(" ")} ended:\n${log()}`)));
  });
  const watcher = watch(dirname(file));
  const written = new Promise<void>((resolve) => {
    const look = (): void => void (existsSync(file) && resolve());
    watcher.on("change", (_, name) => String(name).startsWith(basename(file)) && look());
    look();
  });
  try {
    await Promise.race([written, gone]);
  } finally {
    watcher.close();
  }
  return JSON.parse(readFileSync(file, "utf8")) as T;
}
