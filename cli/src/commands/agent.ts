import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { collect, parsePair } from "../api-command.ts";

const DEFAULT_STATE_DIR = "/var/lib/cloud-assistant/agent";
type RegisterOptions = {
  server: string;
  activationId: string;
  activationCode?: string;
  activationCodeFile?: string;
  serverKey?: string;
  instanceName?: string;
  tag?: string[];
  stateDir?: string;
  json?: boolean;
};

export function addAgent(program: Command): void {
  const agent = program
    .command("agent")
    .description("Run the agent of this host in the foreground. SIGTERM leaves running scripts alone.")
    .option("--state-dir <dir>", "identity, ledger and spool", DEFAULT_STATE_DIR)
    .addHelpText("after", "\nExample:\n  cloud-assistant agent --state-dir ./agent")
    .action(run);
  agent
    .command("register")
    .description("Register this host with an activation.")
    .requiredOption("--server <url>", "the control plane")
    .requiredOption("--activation-id <id>", "from `activation create`")
    .option("--activation-code <code>", "its secret; seen in the process list, so better use the file")
    .option("--activation-code-file <file>", "a file that holds the code, or - for standard input")
    .option("--server-key <sha256:…>", "fingerprint of the control plane's key, compared before anything is said")
    .option("--instance-name <name>", "name of this host")
    .option("--tag <k=v>", "a tag of this host; may be repeated", collect)
    .option("--state-dir <dir>", `where the identity is kept (default ${DEFAULT_STATE_DIR})`)
    .option("--json", "print JSON")
    .action((options: RegisterOptions, command: Command) => register(options, stateDirOf(options, command)));
  agent
    .command("status")
    .description("What the agent of this host is doing.")
    .option("--state-dir <dir>", `(default ${DEFAULT_STATE_DIR})`)
    .option("--json", "print JSON")
    .action((options: { stateDir?: string; json?: boolean }, command: Command) => status(options, stateDirOf(options, command)));
}

/** Given before or after the subcommand. */
function stateDirOf({ stateDir }: { stateDir?: string }, command: Command): string {
  return stateDir ?? String(command.parent?.opts()["stateDir"] ?? DEFAULT_STATE_DIR);
}

async function run({ stateDir }: { stateDir: string }): Promise<void> {
  const { runAgent } = await import("@cloud-assistant/agent/main");
  const agent = await runAgent({ stateDir });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void agent.close().then(() => process.exit(0)));
}

async function register(options: RegisterOptions, stateDir: string): Promise<void> {
  const { registerAgent } = await import("@cloud-assistant/agent/register");
  const { systemClock } = await import("@cloud-assistant/agent/clock");
  const { server, activationId, serverKey, instanceName, tag = [], json } = options;
  const tags = tag.map(parsePair).map(([key, value]) => ({ key, value }));
  const { instanceId } = await registerAgent({ server, activationId, activationCode: codeOf(options), serverKey, instanceName, tags, stateDir, clock: systemClock });
  console.log(json ? JSON.stringify({ instanceId }) : `Registered as ${instanceId}. Now run: npx cloud-assistant agent --state-dir ${stateDir}`);
}

function codeOf({ activationCode, activationCodeFile }: RegisterOptions): string {
  if (activationCodeFile !== undefined) return readFileSync(activationCodeFile === "-" ? 0 : activationCodeFile, "utf8").trim();
  if (activationCode !== undefined) return activationCode;
  throw new Error("give the activation's code with --activation-code-file FILE (or - for standard input) or --activation-code CODE");
}

async function status({ json }: { json?: boolean }, stateDir: string): Promise<void> {
  const { agentStatus } = await import("@cloud-assistant/agent/status");
  const found = await agentStatus(stateDir);
  if (!found) throw new Error(`no agent is running on ${stateDir}`);
  const { instanceId, pid, connected, runs } = found;
  console.log(json ? JSON.stringify(found) : `${instanceId}  pid ${pid}  ${connected ? "connected" : "not connected"}  ${runs} run(s)`);
}
