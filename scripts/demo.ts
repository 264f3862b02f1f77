// The main job, shown: a control plane and an agent on this machine, a script through the official SDK, its output live, the
// stored result, and a runaway tree ended by its timeout. `-- --keep` leaves everything up.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "../cli/src/client.ts";
import { findCredentials, readControlPlaneFile } from "../cli/src/credentials.ts";
import { followOutput } from "../cli/src/output-stream.ts";
import { sdkCall, type Target } from "../test/support/sdk.ts";
import { waitFor } from "../test/support/wait-for.ts";

type Result = { InvocationStatus: string; ExitCode: number; Output: string; ErrorInfo: string };

const keep = process.argv.includes("--keep");
const root = join(import.meta.dirname, "..");
const home = mkdtempSync(join(tmpdir(), "cloud-assistant-demo-"));
const dataDir = join(home, "control-plane");
const stateDir = join(home, "agent");
const started: ChildProcess[] = [];
const MARKER = "CLOUD_ASSISTANT_DEMO=runaway";

try {
  await demo();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  if (!keep || process.exitCode) await tearDown();
}

async function demo(): Promise<void> {
  say(`A control plane (SQLite in ${dataDir}) and an agent on this machine`);
  start("server", "--listen", "127.0.0.1:0", "--data-dir", dataDir);
  await waitFor(() => existsSync(join(dataDir, "control-plane.json")), { withinMs: 30_000, what: "the control plane to be ready" });
  const credentials = findCredentials({ dataDir }, {});
  const { keyFingerprint } = readControlPlaneFile(dataDir);
  const client = new Client(credentials);
  const { ActivationId, ActivationCode } = await client.call("CreateActivation", {});
  const registration = start("agent", "register", "--server", credentials.endpoint, "--activation-id", String(ActivationId), "--activation-code-file", "-", "--server-key", keyFingerprint, "--state-dir", stateDir);
  registration.stdin?.end(String(ActivationCode));
  await new Promise((resolve) => registration.once("exit", resolve));
  start("agent", "--state-dir", stateDir);
  await waitFor(() => existsSync(join(stateDir, "agent.json")), { withinMs: 30_000, what: "the agent to be connected" });
  const { instanceId } = JSON.parse(readFileSync(join(stateDir, "agent.json"), "utf8")) as { instanceId: string };
  console.log(`Control plane ${credentials.endpoint}, host ${instanceId} connected.`);

  say("RunCommand through the unchanged @alicloud/ecs20140526, output as it comes");
  const script = 'echo "Hello from $(uname -n), run {{ACS::InvokeId}}"\nfor i in 1 2 3; do echo "step $i for {{who}}"; sleep 0.4; done\necho "a warning" >&2';
  const invokeId = await runCommand(credentials, instanceId, script, { enableParameter: true, parameters: { who: "you" } });
  await followOutput(client, invokeId, instanceId, true, { bytes: (_, bytes) => void process.stdout.write(bytes), gap: () => undefined, end: () => undefined });
  const result = await resultOf(credentials, invokeId);
  say("The stored result");
  console.log(`${invokeId}: ${result.InvocationStatus}, exit code ${result.ExitCode}, ${Buffer.from(result.Output, "base64").length} bytes of output`);
  if (result.InvocationStatus !== "Success") throw new Error("the script should have succeeded");

  say("A runaway: it forks, leaves its session, ignores SIGTERM. Timeout 2 s, TerminationMode ProcessTree");
  const runaway = `export ${MARKER}\ntrap '' TERM\nsetsid sh -c 'trap "" TERM; while :; do sleep 1; done' &\n(setsid sleep 3600 &)\nwhile :; do sleep 1; done`;
  const runawayId = await runCommand(credentials, instanceId, runaway, { timeout: 2, terminationMode: "ProcessTree" });
  await waitFor(() => living().length >= 3, { withinMs: 20_000, what: "the runaway to have forked" });
  console.log(`Alive while it runs: ${living().length} processes.`);
  const ended = await resultOf(credentials, runawayId);
  console.log(`${runawayId}: ${ended.InvocationStatus}: ${ended.ErrorInfo}\nAlive now: ${living().length} processes.`);
  if (ended.InvocationStatus !== "Timeout" || living().length > 0) throw new Error("something of the runaway is left");

  say("Where to go next");
  const use = `--data-dir ${dataDir}`;
  console.log(
    keep
      ? `It stays up (process ids ${started.map(({ pid }) => pid).join(" ")}). Try, from this directory:\n  npx cloud-assistant run ${use} --instance ${instanceId} -- 'uptime'\n  npx cloud-assistant ps ${use}\nEnd it with: kill ${started.filter(({ exitCode }) => exitCode === null).map(({ pid }) => pid).join(" ")}`
      : "Keep it up:        npm run demo -- --keep\nYour own:          npx cloud-assistant server --help\nRegister a host:   npx cloud-assistant activation create --help\nHow it works:      docs/architecture.md",
  );
}

/** Every process that carries the runaway's marker in its environment. */
function living(): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(MARKER);
    } catch {
      return false; // gone, or not ours to read
    }
  });
}

async function runCommand(target: Target, instanceId: string, script: string, parameters: Record<string, unknown>): Promise<string> {
  const request = { regionId: "cn-hangzhou", type: "RunShellScript", commandContent: script, instanceId: [instanceId], ...parameters };
  return String((await sdkCall("v3", target, "RunCommand", request))["InvokeId"]);
}

async function resultOf(target: Target, invokeId: string): Promise<Result> {
  return waitFor(
    async () => {
      const answer = await sdkCall("v3", target, "DescribeInvocationResults", { regionId: "cn-hangzhou", invokeId });
      const [result] = (answer["Invocation"] as { InvocationResults: { InvocationResult: Result[] } }).InvocationResults.InvocationResult;
      return result && !["Pending", "Running", "Stopping"].includes(result.InvocationStatus) ? result : undefined;
    },
    { withinMs: 60_000, what: "the result" },
  );
}

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [join(root, "cli", "bin", "cloud-assistant.mjs"), ...args], {
    stdio: ["pipe", "ignore", "pipe"],
    detached: keep,
  });
  child.stderr?.on("data", (text: Buffer) => {
    if (!text.toString().startsWith('{"level":30')) process.stderr.write(text);
  });
  if (keep) {
    child.unref();
    (child.stderr as unknown as { unref: () => void }).unref();
  }
  started.push(child);
  return child;
}

async function tearDown(): Promise<void> {
  for (const child of started.toReversed()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await exited;
  }
  rmSync(home, { recursive: true, force: true });
}

function say(text: string): void {
  console.log(`\n── ${text}`);
}
