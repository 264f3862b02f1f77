import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ControlPlaneStep } from "@cloud-assistant/control-plane/steps";
import type { Target } from "./sdk.ts";

/** A control plane that can be killed and started again on the same directory and port. */
export type ServerProcess = {
  readonly dataDir: string;
  readonly target: Target;
  /** Resolves when the process is gone, with the signal that ended it. */
  readonly gone: () => Promise<NodeJS.Signals | null>;
  start: (dieAt?: { step: ControlPlaneStep; nth: number }) => Promise<void>;
  kill: () => Promise<void>;
  /** Kills it and removes its directory. */
  remove: () => Promise<void>;
};

export async function startServerProcess(dieAt?: { step: ControlPlaneStep; nth: number }): Promise<ServerProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), "server-"));
  let port = 0;
  let child: ChildProcess | undefined;
  let endpoint = "";
  const start: ServerProcess["start"] = async (at) => {
    const program = fileURLToPath(new URL("server-program.ts", import.meta.url));
    const forked = fork(program, [dataDir, String(port), at?.step ?? "", String(at?.nth ?? 0)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child = forked;
    const [message] = (await Promise.race([once(forked, "message"), once(forked, "exit").then(() => [])])) as [
      { endpoint: string }?,
    ];
    if (!message)
      throw new Error(`the control plane ended with ${forked.exitCode ?? forked.signalCode} before it was ready`);
    endpoint = message.endpoint;
    port = Number(new URL(endpoint).port);
  };
  const gone: ServerProcess["gone"] = async () => {
    if (child && child.exitCode === null && child.signalCode === null) await once(child, "exit");
    return child?.signalCode ?? null;
  };
  const kill = async (): Promise<void> => {
    child?.kill("SIGKILL");
    await gone();
  };
  await start(dieAt);
  const key = JSON.parse(readFileSync(join(dataDir, "root-access-key.json"), "utf8")) as {
    AccessKeyId: string;
    AccessKeySecret: string;
  };
  return {
    dataDir,
    target: { endpoint, accessKeyId: key.AccessKeyId, accessKeySecret: key.AccessKeySecret },
    gone,
    start,
    kill,
    remove: async () => {
      await kill();
      rmSync(dataDir, { recursive: true });
    },
  };
}
