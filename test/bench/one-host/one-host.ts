import { spawn } from "node:child_process";
import { on, once } from "node:events";
import { chmodSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@cloud-assistant/agent/clock";
import { registerAgent } from "@cloud-assistant/agent/register";
import type { Target } from "../../support/sdk.ts";
import { callApi } from "../../support/server.ts";
import { waitFor } from "../../support/wait-for.ts";
import { startProgram, stopProgram } from "../processes.ts";

/** A real control plane and one real agent, each a process of its own. */
export type OneHost = {
  readonly agentPid: number;
  /** For what scripts and floor programs read and write; on the same file system as both databases. */
  readonly directory: string;
  /** RunCommand; resolves when its end is stored. Epoch milliseconds: its commit, and the one of its end. */
  run: (script: string) => Promise<{ readonly acceptedMs: number; readonly storedMs: number }>;
  close: () => Promise<void>;
};

type Word = { readonly acceptedMs: number } | { readonly storedMs: number; readonly invokeId: string };

/** @param agent the agent's program: an argument list for Node, to which the state directory is added */
export async function startOneHost(
  agent: readonly string[] = [join(import.meta.dirname, "agent-program.ts")],
): Promise<OneHost> {
  const directory = mkdtempSync(join(tmpdir(), "bench-"));
  chmodSync(directory, 0o711); // the users of scripts pass through it to their script
  const [dataDir, stateDir, logFile] = [
    join(directory, "control-plane"),
    join(directory, "agent"),
    join(directory, "log"),
  ];
  mkdirSync(dataDir, { mode: 0o700 });
  const program = join(import.meta.dirname, "control-plane-program.ts");
  const { child: server, ready } = await startProgram<{ endpoint: string; keyFingerprint: string }>(
    program,
    [dataDir],
    [],
    logFile,
  );
  const key = JSON.parse(readFileSync(join(dataDir, "root-access-key.json"), "utf8")) as {
    AccessKeyId: string;
    AccessKeySecret: string;
  };
  const target: Target = {
    endpoint: ready.endpoint,
    accessKeyId: key.AccessKeyId,
    accessKeySecret: key.AccessKeySecret,
  };
  const instanceId = await register(target, ready.keyFingerprint, stateDir);

  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [...agent, stateDir], { stdio: ["ignore", "ignore", log] });
  closeSync(log);
  const kill = (): boolean => child.kill("SIGKILL");
  process.once("exit", kill); // of an interrupted benchmark: unlike the other programs it does not end with its parent
  await waitFor(() => existsSync(join(stateDir, "agent.json")) || child.exitCode !== null, { withinMs: 20_000 });
  if (child.exitCode !== null || child.pid === undefined)
    throw new Error(`the agent ended:\n${readFileSync(logFile, "utf8")}`);
  return {
    agentPid: child.pid,
    directory,
    run: async (script) => {
      const words = on(server, "message") as AsyncIterable<[Word]>; // from now on, however late they are read
      const content = { CommandContent: Buffer.from(script).toString("base64"), ContentEncoding: "Base64" };
      const answer = await callApi(target, "RunCommand", {
        Type: "RunShellScript",
        InstanceId: [instanceId],
        Timeout: 600,
        ...content,
      });
      let acceptedMs = NaN;
      for await (const [word] of words) {
        if ("acceptedMs" in word) acceptedMs = word.acceptedMs;
        else if (word.invokeId === answer["InvokeId"]) return { acceptedMs, storedMs: word.storedMs }; // not an earlier run's end, told again
      }
      throw new Error("the control plane tells nothing any more");
    },
    close: async () => {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
      process.off("exit", kill);
      await stopProgram(server);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function register(target: Target, serverKey: string, stateDir: string): Promise<string> {
  const { ActivationId, ActivationCode } = await callApi(target, "CreateActivation", { InstanceCount: 1 });
  const activation = { activationId: String(ActivationId), activationCode: String(ActivationCode) };
  const { instanceId } = await registerAgent({
    server: target.endpoint,
    serverKey,
    ...activation,
    stateDir,
    clock: systemClock,
  });
  return instanceId;
}
