import { loadAgentConfig } from "../agent-config.ts";
import { CliFailure } from "../failure.ts";
import type { Io } from "../io.ts";

/** Until SIGTERM, SIGINT or the host's deregistration; running scripts are left alone. */
export async function runAgentCommand(flags: { stateDir?: string }, io: Io): Promise<number> {
  const { logLevel, ...settings } = await loadAgentConfig(flags, io.env);
  const { closeOnSignal, runAgent } = await import("@cloud-assistant/agent/main");
  const { createLog } = await import("@cloud-assistant/agent/log");
  const agent = await runAgent({ ...settings, log: createLog(logLevel) });
  if ((await closeOnSignal(agent)) === "signal") return 0;
  throw new CliFailure(
    `the control plane has deregistered this host (${agent.instanceId}) for good; to bring it back, register it again with a new activation`,
  );
}
