import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@cloud-assistant/shared/clock";
import type { Logger } from "pino";
import { replaceFile } from "./atomic-file.ts";
import { systemClock } from "./clock.ts";
import { requireIdentity, writeIdentity, type Identity } from "./identity.ts";
import { openLink, type LinkOptions } from "./link.ts";
import { createLog } from "./log.ts";
import type { OpenSecrets } from "./preparation.ts";
import { openPrivateKey } from "./proof.ts";
import { openEngine, type EngineOptions } from "./run-engine.ts";
import { openSealed } from "./sealed.ts";
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
export type Agent = {
  readonly instanceId: string;
  /** Resolves when the control plane has deregistered this host for good; the agent has nothing left to do then. */
  readonly deregistered: Promise<void>;
  readonly close: () => Promise<void>;
};

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
    const { deregistered } = agent;
    return { instanceId: identity.instanceId, deregistered, close: () => (closed ??= agent.close().finally(unlock)) };
  } catch (error) {
    unlock();
    throw error;
  }
}

async function start(options: AgentOptions, identity: Identity): Promise<Omit<Agent, "instanceId">> {
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
  const sealKey = openPrivateKey(identity.sealKey);
  const openSecrets: OpenSecrets = (sealed, invokeId) => openSealed(sealKey, sealed, { invokeId, instanceId });
  const engine = await openEngine({
    ...options,
    instanceId,
    openSecrets,
    clock,
    log: log.child({ component: "engine" }),
    onStep,
  });
  const backoff = options.backoff ? { backoff: options.backoff } : {};
  const gone = Promise.withResolvers<void>();
  const onDeregistered = (): void => {
    writeIdentity(stateDir, { ...identity, status: "deregistered" });
    log.error(
      { instanceId, server: identity.server },
      "the control plane has deregistered this host for good: register it again to bring it back",
    );
    gone.resolve();
  };
  const told = { onStep, onConnected, onDeregistered };
  const link = openLink({
    identity,
    ca,
    engine,
    clock,
    random,
    log: log.child({ component: "link" }),
    ...told,
    ...backoff,
  });
  const unfinished = (): number => engine.held().filter(({ ended }) => !ended).length;
  const status = await serveStatus(stateDir, () => ({
    instanceId,
    pid: process.pid,
    connected: link.connected(),
    runs: unfinished(),
  }));
  const close = async (): Promise<void> => {
    rmSync(agentFile, { force: true });
    status.close();
    await link.close();
    await engine.close();
  };
  return { deregistered: gone.promise, close };
}
