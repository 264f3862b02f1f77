import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registerFakeAgent, type FakeIdentity } from "../../support/fake-agent.ts";
import type { Target } from "../../support/sdk.ts";
import { callApi } from "../../support/server.ts";
import { startProgram, stopProgram } from "../processes.ts";
import { FleetAgent } from "./agent.ts";
import { createPoster, runCommand } from "./signed-calls.ts";

/** Registrations or handshakes under way at a time. */
const CONCURRENCY = 32;
/** Hosts of one activation (CreateActivation, InstanceCount). */
const ACTIVATION_SIZE = 1000;

/** The real control plane in a process of its own, and its hosts in this one. */
export type Fleet = {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly size: number;
  /** Registers and connects until there are `size` hosts. */
  grow: (size: number) => Promise<void>;
  /** RunCommand on the hosts `from` to `to`; resolves when every start, output and end of it is stored. */
  run: (from: number, to: number) => Promise<void>;
  close: () => Promise<void>;
};

export async function startFleet(
  script: string,
  output: Uint8Array,
  connections: number,
  execArgv: readonly string[] = [],
): Promise<Fleet> {
  const dataDir = mkdtempSync(join(tmpdir(), "fleet-"));
  const program = join(import.meta.dirname, "server-program.ts");
  const { child, pid, ready } = await startProgram<{ endpoint: string }>(
    program,
    [dataDir],
    execArgv,
    join(dataDir, "log"),
  );
  const key = JSON.parse(readFileSync(join(dataDir, "root-access-key.json"), "utf8")) as {
    AccessKeyId: string;
    AccessKeySecret: string;
  };
  const target: Target = {
    endpoint: ready.endpoint,
    accessKeyId: key.AccessKeyId,
    accessKeySecret: key.AccessKeySecret,
  };
  const poster = createPoster(ready.endpoint, connections);
  const identities: FakeIdentity[] = [];
  const agents: FleetAgent[] = [];
  const stored = createTally();
  return {
    pid,
    child,
    get size() {
      return agents.length;
    },
    grow: async (size) => {
      while (identities.length < size)
        identities.push(...(await register(target, Math.min(ACTIVATION_SIZE, size - identities.length))));
      const newcomers = identities.slice(agents.length, size);
      agents.push(
        ...(await inParallel(newcomers, (identity) =>
          FleetAgent.connect(target.endpoint, identity, { output, onStored: stored.count }),
        )),
      );
    },
    run: async (from, to) => {
      const instanceIds = identities.slice(from, to).map(({ instanceId }) => instanceId);
      const invokeId = await runCommand(poster, target, script, instanceIds);
      await stored.reached(invokeId, instanceIds.length);
    },
    close: async () => {
      for (const agent of agents) agent.close();
      poster.close();
      await stopProgram(child);
      rmSync(dataDir, { recursive: true });
    },
  };
}

async function register(target: Target, count: number): Promise<FakeIdentity[]> {
  const answer = await callApi(target, "CreateActivation", { InstanceCount: count });
  const activated = { activationId: String(answer["ActivationId"]), activationCode: String(answer["ActivationCode"]) };
  const names = Array.from({ length: count }, (_, index) => `fleet-${activated.activationId}-${index}`);
  return inParallel(names, (name) => registerFakeAgent(target.endpoint, activated, { name }));
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return results;
}

/** Counts by name; a count may be complete before anybody asks, as acknowledgements can overtake the answer. */
function createTally() {
  const counts = new Map<string, number>();
  const waiting = new Map<string, { readonly wanted: number; readonly resolve: () => void }>();
  const settle = (name: string): void => {
    const waits = waiting.get(name);
    if (!waits || (counts.get(name) ?? 0) < waits.wanted) return;
    counts.delete(name);
    waiting.delete(name);
    waits.resolve();
  };
  return {
    count: (name: string): void => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      settle(name);
    },
    reached: (name: string, wanted: number): Promise<void> =>
      new Promise((resolve) => {
        waiting.set(name, { wanted, resolve });
        settle(name);
      }),
  };
}
