import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@cloud-assistant/shared/clock";
import { pino, type Logger } from "pino";
import { replaceFile } from "./atomic-file.ts";
import { systemClock } from "./clock.ts";
import { readHostFacts } from "./host-facts.ts";
import { requireIdentity } from "./identity.ts";
import { openLink } from "./link.ts";
import { openEd25519PublicKey, openPrivateKey } from "./proof.ts";
import { openEngine } from "./run-engine.ts";
import { lockStateDir } from "./state-lock.ts";
import { AGENT_FILE, agentStatus, serveStatus } from "./status.ts";
import type { OnAgentStep } from "./steps.ts";

export type AgentOptions = {
  readonly stateDir: string;
  readonly log?: Logger;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly onStep?: OnAgentStep;
  readonly spoolMaxBytes?: number;
  readonly graceMs?: number;
  readonly useCgroups?: boolean;
};
export type Agent = { readonly instanceId: string; readonly close: () => Promise<void> };

/**
 * Runs the agent of a registered host until `close`, which leaves running scripts alone.
 * @throws {Error} with what to do about it: not registered, or another agent runs on this state directory.
 */
export async function runAgent(options: AgentOptions): Promise<Agent> {
  const { stateDir, clock = systemClock, random = Math.random } = options;
  const log = options.log ?? pino({ base: null }, pino.destination({ dest: 2, sync: true }));
  const identity = requireIdentity(stateDir);
  const { instanceId, server } = identity;
  if (await agentStatus(stateDir)) throw new Error(`another agent runs on ${stateDir}: stop it first, or choose another --state-dir`);
  const unlock = lockStateDir(stateDir);
  const onStep: OnAgentStep =
    options.onStep ??
    ((step, run) => {
      log.debug({ ...run, step }, "run step");
    });
  const engine = await openEngine({ ...options, stateDir, instanceId, clock, log: log.child({ component: "engine" }), onStep });
  const link = openLink({
    server,
    ca: identity.caFile === undefined ? undefined : readFileSync(identity.caFile, "utf8"),
    instanceId,
    proofKey: openPrivateKey(identity.proofKey),
    serverKey: openEd25519PublicKey(identity.serverPublicKey),
    engine,
    host: readHostFacts(),
    clock,
    random,
    log: log.child({ component: "link" }),
    onStep,
    onProven: () => replaceFile(join(stateDir, AGENT_FILE), `${JSON.stringify({ pid: process.pid, instanceId })}\n`, { sync: false }),
  });
  const status = await serveStatus(stateDir, () => ({ instanceId, pid: process.pid, connected: link.connected(), runs: engine.held().filter(({ ended }) => !ended).length }));
  const close = async (): Promise<void> => {
    rmSync(join(stateDir, AGENT_FILE), { force: true });
    status.close();
    await link.close();
    await engine.close();
    unlock();
  };
  let closed: Promise<void> | undefined;
  return { instanceId, close: () => (closed ??= close()) };
}
