import { loadAgentConfig } from "../agent-config.ts";
import { runDaemon } from "../daemon.ts";
import { CliFailure } from "../failure.ts";
import type { Io } from "../io.ts";

/** Until SIGTERM, SIGINT, SIGHUP or the host's deregistration; running scripts are left alone. */
export async function runAgentCommand(flags: { stateDir?: string }, io: Io): Promise<number> {
  const { logLevel, ...settings } = await loadAgentConfig(flags, io.env);
  const { runAgent } = await import("@cloud-assistant/agent/main");
  const { createLog } = await import("@cloud-assistant/agent/log");
  const { daemon, over } = await runDaemon(io, {
    start: () => runAgent({ ...settings, log: createLog(logLevel) }),
    over: ({ deregistered }) => deregistered,
  });
  if (!over) return 0;
  throw new CliFailure(
    `the control plane has deregistered this host (${daemon.instanceId}) for good; to bring it back, register it again with a new activation`,
  );
}
