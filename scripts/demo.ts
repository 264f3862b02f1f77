// `npm run demo`: a control plane and an agent on this machine, a script run through the official SDK, a runaway tree ended.
// `npm run demo -- --keep` stays up.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { ask, show, start, whenWritten, type Daemon } from "./demo/programs.ts";
import { findMarked, markedBy, runawayScript } from "./demo/runaway.ts";
import { createSdk, type Result } from "./demo/sdk.ts";

const keep = process.argv.includes("--keep");
// caught until the end, so that a second one does not leave things behind
const interrupted = new Promise<void>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve());
});
/** In the environment of everything the scripts of this demo start. */
const marker = randomBytes(8).toString("hex");
const directory = mkdtempSync(join(tmpdir(), "cloud-assistant-demo-"));
chmodSync(directory, 0o711); // the users of scripts pass through it to their script
const [dataDir, stateDir] = [join(directory, "control-plane"), join(directory, "agent")];
const { username, uid } = userInfo();
/** Who runs scripts, and where: the agent of an ordinary user can only run them as that user, who may have no home. */
const runner = { username, workingDir: tmpdir() };
const daemons: Daemon[] = [];

try {
  await Promise.race([demonstrate(), interrupted.then(() => Promise.reject(new Error("interrupted")))]);
} catch (error) {
  console.error(`\nThe demo failed: ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  for (const daemon of daemons.toReversed()) await daemon.stop();
  for (const pid of findMarked(marker)) process.kill(pid, "SIGKILL"); // of an interrupted demo: an agent leaves its scripts alone
  execFileSync("chmod", ["-R", "u+w", directory]); // a script's directory is read-only, also to an ordinary user's own agent
  rmSync(directory, { recursive: true, force: true });
}
process.exit();

async function demonstrate(): Promise<void> {
  say("1. Start a control plane (SQLite, loopback, a free port) and an agent on this machine");
  if (uid !== 0)
    console.log(`You are ${username}, not root: scripts run as ${username}; only root's agent can run them as others.`);
  const { endpoint, instanceId } = await startStack();
  const key = JSON.parse(readFileSync(join(dataDir, "root-access-key.json"), "utf8")) as Record<string, string>;
  const sdk = createSdk({
    endpoint,
    accessKeyId: key["AccessKeyId"] ?? "",
    accessKeySecret: key["AccessKeySecret"] ?? "",
  });
  console.log(`Control plane at ${endpoint}; this machine is the managed instance ${instanceId}.`);

  say("2. RunCommand through the official @alicloud/ecs20140526, its output live");
  const hello =
    'echo "Hello from $(uname -n), $(id -un) here."; for i in 1 2 3; do sleep 1; echo "step $i of 3"; done; exit 7';
  const script = `${markedBy(marker)}\n${hello}`;
  const invokeId = await sdk.runCommand({ instanceId, script, ...runner, timeout: 60 });
  await show("logs", invokeId, "--follow", "--data-dir", dataDir);

  say("3. The stored result, by DescribeInvocationResults");
  const result = await sdk.describeResult(invokeId);
  tell(result);
  if (result.status !== "Failed" || result.exitCode !== 7) throw new Error("exit code 7 was wanted");

  say("4. A runaway tree: forks, leaves its session, ignores SIGTERM. Timeout 2 s, TerminationMode ProcessTree");
  await endRunaway(sdk, instanceId);

  say("5. Where to go next");
  printNext();
  if (!keep) return;
  console.log("\nEverything stays up until Ctrl-C.");
  await interrupted;
}

async function startStack(): Promise<{ endpoint: string; instanceId: string }> {
  mkdirSync(dataDir, { mode: 0o700 });
  const server = start("server", "--listen", "127.0.0.1:0", "--data-dir", dataDir);
  daemons.push(server);
  const { endpoint } = await whenWritten<{ endpoint: string }>(join(dataDir, "control-plane.json"), server);
  const made = await ask(["activation", "create", "--count", "1", "--name", "demo", "--data-dir", dataDir, "--json"]);
  const { activationId, activationCode, serverKey } = JSON.parse(made) as Record<
    "activationId" | "activationCode" | "serverKey",
    string
  >;
  const access = ["--activation-id", activationId, "--activation-code-file", "-", "--server-key", serverKey];
  await ask(["agent", "register", "--server", endpoint, ...access, "--state-dir", stateDir], activationCode);
  const agent = start("agent", "--state-dir", stateDir);
  daemons.push(agent);
  const { instanceId } = await whenWritten<{ instanceId: string }>(join(stateDir, "agent.json"), agent);
  return { endpoint, instanceId };
}

async function endRunaway(sdk: ReturnType<typeof createSdk>, instanceId: string): Promise<void> {
  const invokeId = await sdk.runCommand({
    instanceId,
    script: runawayScript(marker),
    ...runner,
    timeout: 2,
    wholeTree: true,
  });
  const followed = show("logs", invokeId, "--follow", "--data-dir", dataDir);
  let most = 0;
  const watching = setInterval(() => (most = Math.max(most, findMarked(marker).length)), 100);
  await followed;
  clearInterval(watching);
  tell(await sdk.describeResult(invokeId));
  const left = findMarked(marker);
  console.log(`Processes of the tree found in /proc: ${most} while it ran, ${left.length} now.`);
  if (most < 3 || left.length > 0)
    throw new Error(`the tree should have been alive, and gone afterwards: ${most}, then ${left.join(" ")}`);
}

function say(headline: string): void {
  console.log(`\n\u2501\u2501 ${headline}`);
}

function tell({ status, exitCode, errorInfo, output }: Result): void {
  console.log(`Status ${status}, exit code ${exitCode}${errorInfo ? `, ${errorInfo}` : ""}; output:`);
  console.log(output.trimEnd().replaceAll(/^/gm, "  │ "));
}

function printNext(): void {
  const place = keep ? dataDir : "DIR";
  const lines = keep
    ? []
    : [
        "npm run demo -- --keep                                   # the same, and stay up",
        `npx cloud-assistant server --data-dir ${place}`,
      ];
  for (const line of [
    ...lines,
    `npx cloud-assistant instances --data-dir ${place}`,
    `npx cloud-assistant run --data-dir ${place} --instance mi-… -- 'uptime'`,
    `npx cloud-assistant activation create --data-dir ${place}   # registers more hosts`,
    "npx cloud-assistant --help                               # and README.md",
  ]) {
    console.log(`  ${line}`);
  }
}
