import { createServer, connect, type Server } from "node:net";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const AgentFile = z.object({ pid: z.int(), instanceId: z.string() });
export const AgentStatus = z.object({ instanceId: z.string(), pid: z.int(), connected: z.boolean(), runs: z.int() });
export type AgentStatus = z.infer<typeof AgentStatus>;

export const AGENT_FILE = "agent.json";
const SOCKET = "agent.sock";
const ANSWER_MS = 2_000;

/** Answers every connection to a socket in the state directory with the status of now. */
export async function serveStatus(stateDir: string, status: () => AgentStatus): Promise<Server> {
  const path = join(stateDir, SOCKET);
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(JSON.stringify(status()));
  });
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
  } finally {
    process.umask(mask);
  }
  return server;
}

/** The status of the agent of this state directory; undefined when none answers. */
export async function agentStatus(stateDir: string): Promise<AgentStatus | undefined> {
  const text = await new Promise<string>((resolve) => {
    let answer = "";
    const socket = connect(join(stateDir, SOCKET));
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.on("data", (data) => (answer += data.toString()));
    socket.on("error", () => resolve(""));
    socket.on("close", () => resolve(answer));
  });
  return text === "" ? undefined : AgentStatus.parse(JSON.parse(text));
}

/** What a connected agent wrote of itself. */
export function readAgentFile(stateDir: string): z.infer<typeof AgentFile> | undefined {
  const path = join(stateDir, AGENT_FILE);
  return existsSync(path) ? AgentFile.parse(JSON.parse(readFileSync(path, "utf8"))) : undefined;
}
