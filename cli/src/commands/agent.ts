import { loadAgentConfig } from "../agent-config.ts";
import type { Io } from "../io.ts";

/** Until SIGTERM or SIGINT; running scripts are left alone. */
export async function runAgentCommand(flags: { stateDir?: string }, io: Io): Promise<number> {
  const { logLevel, ...settings } = await loadAgentConfig(flags, io.env);
  const { closeOnSignal, runAgent } = await import("@cloud-assistant/agent/main");
  const { createLog } = await import("@cloud-assistant/agent/log");
  await closeOnSignal(await runAgent({ ...settings, log: createLog(logLevel) }));
  return 0;
}
