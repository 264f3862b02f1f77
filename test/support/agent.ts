import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AgentOptions } from "@cloud-assistant/agent/main";
import type { AgentStep } from "@cloud-assistant/agent/steps";
import { waitFor } from "./wait-for.ts";

export type AgentProgramOptions = Pick<
  AgentOptions,
  "stateDir" | "graceMs" | "spoolMaxBytes" | "useCgroups" | "backoff"
> & {
  /** Kills itself (SIGKILL) at the n-th time a run comes to this step, counted from 1 in each process. */
  readonly dieAt?: { readonly step: AgentStep; readonly occurrence: number } | undefined;
};

export type StartAgentOptions = AgentProgramOptions & {
  /** Starts the program elsewhere than here, e.g. `Host.spawn` of `hosts.ts`. */
  readonly spawn?: (program: string, args: readonly string[], options: SpawnOptions) => ChildProcess;
};

/** A registered host's agent as a child process. To restart it, start another one on the same state directory. */
export type TestAgent = {
  readonly pid: number;
  readonly stateDir: string;
  /** Its log so far, JSON lines. */
  readonly logged: () => string;
  /** Resolves once it has told that it is connected. @throws when it ended instead. */
  readonly connected: () => Promise<void>;
  /** Settles when the process is gone: its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly alive: () => boolean;
  /** SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** SIGTERM; resolves with the exit code, 0 for a clean end. */
  readonly stop: () => Promise<number | NodeJS.Signals>;
};

const PROGRAM = fileURLToPath(new URL("agent-program.ts", import.meta.url));

export function startTestAgent({ spawn: spawnThere = spawn, ...program }: StartAgentOptions): TestAgent {
  const child = spawnThere(process.execPath, [PROGRAM, JSON.stringify(program)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("the agent's process did not start");
  let log = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (log += text));
  // "exit", not "close": the helper and the runs outlive the agent and may hold its pipes
  const ended = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const alive = (): boolean => child.exitCode === null && child.signalCode === null;
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<number | NodeJS.Signals> => {
    if (alive()) child.kill(signal);
    const how = await ended;
    child.stderr?.destroy();
    return how;
  };
  return {
    pid,
    stateDir: program.stateDir,
    logged: () => log,
    ended,
    alive,
    connected: async () => {
      await waitFor(() => hasTold(program.stateDir, pid) || !alive(), {
        withinMs: 20_000,
        what: `the agent of ${program.stateDir} to be connected`,
      });
      if (!alive()) throw new Error(`the agent ended (${String(await ended)}) before it was connected:\n${log}`);
    },
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
  };
}

/** Of this process, not of one that was killed. `Host.spawn` keeps the pid too: each of its wrappers execs the next. */
function hasTold(stateDir: string, pid: number): boolean {
  const path = join(stateDir, "agent.json");
  return existsSync(path) && readFileSync(path, "utf8").startsWith(`{"pid":${pid},`);
}
