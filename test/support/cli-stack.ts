import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli, startCli, type Cli, type CliEnd, type CliOptions } from "./cli.ts";
import type { Hosts } from "./hosts.ts";
import type { Target } from "./sdk.ts";
import { waitFor } from "./wait-for.ts";

/** How long a process may take to be ready on a loaded machine, milliseconds. */
const READY_MS = 60_000;

export type CliAgent = { readonly instanceId: string; readonly stateDir: string; readonly process: Cli };

/** One control plane and some agents, all of them started by the command line, as a person would. */
export type CliStack = {
  readonly directory: string;
  readonly dataDir: string;
  readonly endpoint: string;
  /** With the root access key. */
  readonly target: Target;
  readonly agents: readonly CliAgent[];
  /** A command with the access that `--data-dir` gives. */
  cli: (args: readonly string[], options?: CliOptions) => Promise<CliEnd>;
  /** The control plane of now. */
  server: () => Cli;
  /** Starts the control plane again, at the same address, after its process ended. */
  restartServer: () => Promise<void>;
  /** Registers one more host without starting its agent. @returns its id */
  register: (name: string) => Promise<string>;
  /** @throws {Error} when one of them ended with another exit code than 0 */
  close: () => Promise<void>;
};

/** @param network the first of its hosts gets the control plane, the next ones an agent each; without, all is on this machine */
export async function startCliStack(agentCount: number, network?: Hosts): Promise<CliStack> {
  const [center, ...others] = network?.hosts ?? [];
  const on = (host = center): Pick<CliOptions, "spawn"> => (host ? { spawn: host.spawn } : {});
  const directory = mkdtempSync(join(tmpdir(), "cli-system-"));
  chmodSync(directory, 0o711); // users of scripts pass through
  const dataDir = join(directory, "control-plane");
  const insecure = center ? ["--insecure"] : [];
  const startServer = (listen: string): Cli =>
    startCli(["server", "--listen", listen, "--data-dir", dataDir, ...insecure], on());
  let server = startServer(center ? `${center.address}:8080` : "127.0.0.1:0");
  const readEndpoint = async (): Promise<string> =>
    (await readWhenThere<{ endpoint: string }>(join(dataDir, "control-plane.json"), server)).endpoint;
  const endpoint = await readEndpoint();
  const cli: CliStack["cli"] = (args, options) => runCli([...withAccess(args, dataDir)], { ...on(), ...options });

  const made = toJson<Record<string, string>>(
    await cli(["activation", "create", "--count", "100", "--name", "lab", "--json"]),
  );
  const register = async (name: string, host = center): Promise<string> => {
    const activation = ["--activation-id", made["activationId"] ?? "", "--activation-code-file", "-"];
    const checked = ["--server", endpoint, "--server-key", made["serverKey"] ?? ""];
    const place = ["--state-dir", join(directory, name), "--tag", `host=${name}`, "--json"];
    const end = await runCli(["agent", "register", ...checked, ...activation, ...place], {
      input: `${made["activationCode"]}\n`,
      ...on(host),
    });
    return toJson<{ instanceId: string }>(end).instanceId;
  };
  const agents: CliAgent[] = [];
  for (let index = 1; index <= agentCount; index++) {
    const stateDir = join(directory, `a${index}`);
    const host = others[index - 1];
    const instanceId = await register(`a${index}`, host);
    const agent = { instanceId, stateDir, process: startCli(["agent", "--state-dir", stateDir], on(host)) };
    agents.push(agent);
    await readWhenThere(join(stateDir, "agent.json"), agent.process);
  }
  const key = JSON.parse(readFileSync(join(dataDir, "root-access-key.json"), "utf8")) as Record<string, string>;
  return {
    directory,
    dataDir,
    endpoint,
    target: { endpoint, accessKeyId: key["AccessKeyId"] ?? "", accessKeySecret: key["AccessKeySecret"] ?? "" },
    agents,
    cli,
    server: () => server,
    restartServer: async () => {
      await server.ended;
      rmSync(join(dataDir, "control-plane.json"), { force: true });
      server = startServer(new URL(endpoint).host);
      await readEndpoint();
    },
    register,
    close: async () => {
      const ends: string[] = [];
      for (const { child, ended } of [...agents.map((agent) => agent.process), server]) {
        child.kill("SIGTERM");
        const { exitCode, stderr } = await ended;
        if (exitCode !== 0) ends.push(`${child.spawnargs.join(" ")} ended with ${exitCode}:\n${stderr}`);
      }
      rmSync(directory, { recursive: true });
      if (ends.length > 0) throw new Error(ends.join("\n"));
    },
  };
}

/** @throws {Error} with what it said instead of JSON */
export function toJson<T>({ exitCode, stdout, stderr }: CliEnd): T {
  try {
    return JSON.parse(stdout.toString()) as T;
  } catch (cause) {
    throw new Error(`exit code ${exitCode}, standard error: ${stderr}`, { cause });
  }
}

/** Before `--`, behind which everything is the script. */
function withAccess(args: readonly string[], dataDir: string): string[] {
  const at = args.includes("--") ? args.indexOf("--") : args.length;
  return [...args.slice(0, at), "--data-dir", dataDir, ...args.slice(at)];
}

async function readWhenThere<T>(file: string, writer: Cli): Promise<T> {
  await waitFor(() => existsSync(file) || writer.child.exitCode !== null, { withinMs: READY_MS, what: file });
  if (!existsSync(file)) throw new Error(`${writer.child.spawnargs.join(" ")} ended:\n${writer.stderr()}`);
  return JSON.parse(readFileSync(file, "utf8")) as T;
}
