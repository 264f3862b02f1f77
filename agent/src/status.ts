import { closeSync, existsSync, openSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import * as z from "zod";
import { requireIdentity } from "./identity.ts";
import { parseJson } from "./parse-json.ts";

export const AgentStatus = z.object({
  instanceId: z.string(),
  /** Null: no agent runs here. */
  pid: z.int().nullable(),
  /** Whether the control plane has proved itself on the connection of now. */
  connected: z.boolean(),
  /** Runs of this host that have not ended; they go on without an agent. */
  runs: z.int(),
});
export type AgentStatus = z.infer<typeof AgentStatus>;

/** Written once connected, removed by a clean close. */
export const AGENT_FILE = "agent.json";
const SOCKET = "agent.sock";
/** For an answer over a local socket, milliseconds; an agent that does not give it is stopped or hangs. */
const ANSWER_MS = 2_000;

/** Answers every connection to a socket in the state directory, which only its user can open, with the status of now. */
export async function serveStatus(stateDir: string, status: () => AgentStatus): Promise<Server> {
  rmSync(join(stateDir, SOCKET), { force: true });
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(JSON.stringify(status()));
  });
  const directory = openSync(stateDir, "r"); // open as long as the server: closing that removes the socket by its name
  server.once("close", () => closeSync(directory));
  const listening = new Promise<void>((resolve, reject) => server.once("error", reject).once("listening", resolve));
  const mask = process.umask(0o177);
  server.listen(shortName(directory)); // binds before it returns
  process.umask(mask);
  await listening;
  return server;
}

/**
 * The status of this host, from its agent or, where none runs, from disk.
 * @throws {IdentityError} when the host is not registered.
 */
export async function agentStatus(stateDir: string): Promise<AgentStatus> {
  const { instanceId } = requireIdentity(stateDir);
  return (await askAgent(stateDir)) ?? { instanceId, pid: null, connected: false, runs: countRuns(stateDir) };
}

/** What the agent of this state directory says; undefined when none runs. @throws {Error} when it does not answer. */
async function askAgent(stateDir: string): Promise<AgentStatus | undefined> {
  const directory = openSync(stateDir, "r");
  const asked = new Promise<string>((resolve, reject) => {
    let answer = "";
    const socket: Socket = connect(shortName(directory));
    socket.setTimeout(ANSWER_MS, () =>
      socket.destroy(new Error(`the agent of ${stateDir} does not answer; is it stopped?`)),
    );
    socket.on("data", (data) => (answer += data.toString()));
    socket.on("error", (error: NodeJS.ErrnoException) => (nobodyListens(error) ? resolve("") : reject(error)));
    socket.on("close", () => resolve(answer));
  });
  const text = await asked.finally(() => closeSync(directory));
  const status = AgentStatus.safeParse(parseJson(text));
  return status.success ? status.data : undefined;
}

function nobodyListens({ code }: NodeJS.ErrnoException): boolean {
  return code === "ENOENT" || code === "ECONNREFUSED";
}

/** The path of a socket holds 107 bytes (unix(7)); the name of an open directory in /proc is short whatever the directory's. */
function shortName(directory: number): string {
  return `/proc/self/fd/${directory}/${SOCKET}`;
}

/** Run directories whose supervisor has not written how the script ended. */
function countRuns(stateDir: string): number {
  const runs = join(stateDir, "runs");
  const names = existsSync(runs) ? readdirSync(runs) : [];
  return names.filter((name) => !/^exit /m.test(readIfThere(join(runs, name, "status")))).length;
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
