import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@cloud-assistant/shared/clock";
import type { Logger } from "pino";
import { replaceFile } from "./atomic-file.ts";
import { systemClock } from "./clock.ts";
import { requireIdentity, type Identity } from "./identity.ts";
import { openLink, type LinkOptions } from "./link.ts";
import { createLog } from "./log.ts";
import { openEngine, type EngineOptions } from "./run-engine.ts";
import { lockStateDir } from "./state-lock.ts";
import { AGENT_FILE, serveStatus } from "./status.ts";
import type { OnAgentStep } from "./steps.ts";

export type AgentOptions = Pick<EngineOptions, "stateDir" | "spoolMaxBytes" | "graceMs" | "useCgroups"> &
  Pick<LinkOptions, "backoff"> & {
    readonly log?: Logger;
    readonly clock?: Clock;
    /** Uniform in [0, 1). */
    readonly random?: () => number;
    readonly onStep?: OnAgentStep;
  };
export type Agent = { readonly instanceId: string; readonly close: () => Promise<void> };

/**
 * Runs the agent of a registered host until `close`, which leaves running scripts alone.
 * @throws {Error} with what to do about it: not registered, or another agent runs on this state directory.
 */
export async function runAgent(options: AgentOptions): Promise<Agent> {
  const { stateDir } = options;
  const identity = requireIdentity(stateDir);
  const unlock = lockStateDir(stateDir);
  try {
    const agent = await start(options, identity);
    let closed: Promise<void> | undefined;
    return { instanceId: identity.instanceId, close: () => (closed ??= agent.close().finally(unlock)) };
  } catch (error) {
    unlock();
    throw error;
  }
}

async function start(options: AgentOptions, identity: Identity): Promise<{ close: () => Promise<void> }> {
  const { stateDir, clock = systemClock, random = Math.random, log = createLog("info") } = options;
  const { instanceId, caFile } = identity;
  const ca = caFile === undefined ? undefined : readFileSync(caFile, "utf8");
  const agentFile = join(stateDir, AGENT_FILE);
  rmSync(agentFile, { force: true }); // of one that was killed
  const onStep: OnAgentStep = (step, run) => {
    log.debug({ ...run, step }, "run step");
    options.onStep?.(step, run);
  };
  const onConnected = (connected: boolean): void => {
    if (connected) replaceFile(agentFile, `${JSON.stringify({ pid: process.pid, instanceId })}\n`, { sync: false });
  };
  const engine = await openEngine({ ...options, instanceId, clock, log: log.child({ component: "engine" }), onStep });
  const backoff = options.backoff ? { backoff: options.backoff } : {};
  const link = openLink({ identity, ca, engine, clock, random, log: log.child({ component: "link" }), onStep, onConnected, ...backoff });
  const unfinished = (): number => engine.held().filter(({ ended }) => !ended).length;
  const status = await serveStatus(stateDir, () => ({ instanceId, pid: process.pid, connected: link.connected(), runs: unfinished() }));
  const close = async (): Promise<void> => {
    rmSync(agentFile, { force: true });
    status.close();
    await link.close();
    await engine.close();
  };
  return { close };
}

/** Waits for SIGTERM or SIGINT and closes the agent; running scripts stay alone. */
export async function closeOnSignal(agent: Agent): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  await Promise.race([once(process, "SIGTERM", { signal }), once(process, "SIGINT", { signal })]);
  await agent.close();
  waiting.abort();
}
