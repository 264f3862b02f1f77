import type { Io } from "../io.ts";

/** Until SIGTERM or SIGINT; running scripts are left alone. */
export async function runAgentCommand({ stateDir }: { stateDir: string }, _io: Io): Promise<number> {
  const { closeOnSignal, runAgent } = await import("@cloud-assistant/agent/main");
  await closeOnSignal(await runAgent({ stateDir }));
  return 0;
}
