import { loadAgentConfig } from "../agent-config.ts";
import { write, writeJson, type Io } from "../io.ts";

const NOT_CONNECTED = 1;

export async function runAgentStatus(
  { json, ...flags }: { stateDir?: string; json?: boolean },
  io: Io,
): Promise<number> {
  const { stateDir } = await loadAgentConfig(flags, io.env);
  const { agentStatus } = await import("@cloud-assistant/agent/status");
  const status = await agentStatus(stateDir);
  if (json) await writeJson(io, status);
  else {
    const agent =
      status.pid === null
        ? "no agent runs"
        : `agent ${status.pid} is ${status.connected ? "connected" : "not connected"}`;
    await write(
      io.stdout,
      `${status.instanceId}: ${agent}, ${status.runs} ${status.runs === 1 ? "script" : "scripts"} under way\n`,
    );
  }
  return status.connected ? 0 : NOT_CONNECTED;
}
