import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@cloud-assistant/agent/clock";
import { requireIdentity } from "@cloud-assistant/agent/identity";
import { openLink, type Link } from "@cloud-assistant/agent/link";
import { createLog } from "@cloud-assistant/agent/log";
import { registerAgent } from "@cloud-assistant/agent/register";
import { openEngine } from "@cloud-assistant/agent/run-engine";
import type { AgentStep } from "@cloud-assistant/agent/steps";
import type { Clock } from "@cloud-assistant/shared/clock";
import type { TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import { FAKE_ACTIVATION, type FakeServer } from "./fake-server.ts";

type LogLine = { readonly level: number; readonly msg: string } & Readonly<Record<string, unknown>>;

/** A real link over a real engine, registered with a fake server. */
export type TestLink = {
  readonly link: Link;
  readonly instanceId: string;
  readonly stateDir: string;
  readonly steps: readonly AgentStep[];
  readonly logged: () => LogLine[];
  /** An order for this host that appends a line to `ranFile`. */
  readonly task: (invokeId: string, overrides?: Partial<TaskOrder>) => TaskOrder;
  readonly ranFile: string;
  readonly close: () => Promise<void>;
};

export type TestLinkOptions = { readonly clock?: Clock; readonly random?: () => number };

export async function openTestLink(
  server: FakeServer,
  { clock = systemClock, random = () => 0.5 }: TestLinkOptions = {},
): Promise<TestLink> {
  const stateDir = mkdtempSync(join(tmpdir(), "agent-link-"));
  const ranFile = join(stateDir, "ran");
  const lines: string[] = [];
  const steps: AgentStep[] = [];
  const onStep = (step: AgentStep): void => void steps.push(step);
  const { instanceId } = await registerAgent({ server: server.url, ...FAKE_ACTIVATION, stateDir, clock: systemClock });
  const log = createLog("debug", { write: (line) => void lines.push(line) });
  const engine = await openEngine({ stateDir, instanceId, clock: systemClock, log, onStep, useCgroups: false });
  const backoff = { baseMs: 10, capMs: 50 };
  const link = openLink({ identity: requireIdentity(stateDir), engine, clock, random, log, onStep, backoff });
  return {
    link,
    instanceId,
    stateDir,
    steps,
    ranFile,
    logged: () => lines.map((line) => JSON.parse(line) as LogLine),
    task: (invokeId, overrides = {}) => ({
      type: "task",
      invokeId,
      iteration: 1,
      targets: [instanceId],
      expiresMs: Date.now() + 60_000,
      commandType: "RunShellScript",
      content: Buffer.from(`echo ran >> '${ranFile}'`).toString("base64"),
      enableParameter: false,
      builtIn: { regionId: "cn-hangzhou", accountId: "1", commandId: "c-1", instanceNames: {} },
      timeoutSeconds: 60,
      terminationMode: "Process",
      ...overrides,
    }),
    close: async () => {
      await link.close();
      await engine.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
