import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@cloud-assistant/control-plane/config";
import { createLog } from "@cloud-assistant/control-plane/log";
import { startControlPlane, type ControlPlane } from "@cloud-assistant/control-plane/main";
import { registerAgent } from "@cloud-assistant/agent/register";
import { systemClock } from "@cloud-assistant/agent/clock";
import type { Logger } from "pino";
import type { Target } from "./sdk.ts";
import { callApi } from "./server.ts";
import { waitFor } from "./wait-for.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

export const REGION = { RegionId: "cn-hangzhou" };

/** A whole control plane on a free port, in a directory of its own, that notices and repeats quickly. */
export type TestControlPlane = {
  readonly dataDir: string;
  readonly target: Target;
  readonly controlPlane: ControlPlane;
  /** Without an SDK, which would give up after 3 s: a busy machine is no fault. */
  call: (action: string, parameters: Record<string, unknown>) => Promise<Json>;
  /** Registers a host with an identity of its own in `stateDir`. */
  register: (stateDir: string) => Promise<string>;
  /** RunCommand with the script in Base64; resolves with the InvokeId. */
  run: (instanceIds: readonly string[], script: string, parameters?: Record<string, unknown>) => Promise<string>;
  /** The results of an invocation once all of them are final. */
  results: (invokeId: string) => Promise<Json[]>;
  close: () => Promise<void>;
};

const OPEN = ["Pending", "Running", "Stopping", "Scheduled"];

export async function startTestControlPlane(
  settings: Record<string, unknown> = {},
  log: Logger = createLog("silent"),
): Promise<TestControlPlane> {
  const dataDir = mkdtempSync(join(tmpdir(), "control-plane-"));
  const config = loadConfig({
    flags: { dataDir, listen: "127.0.0.1:0", heartbeatMs: 500, silenceMs: 2_000, resendMs: 500, ...settings },
    env: {},
    file: {},
  });
  const controlPlane = await startControlPlane({ config, log });
  const key = JSON.parse(readFileSync(join(dataDir, "root-access-key.json"), "utf8")) as {
    AccessKeyId: string;
    AccessKeySecret: string;
  };
  const target: Target = {
    endpoint: controlPlane.endpoint,
    accessKeyId: key.AccessKeyId,
    accessKeySecret: key.AccessKeySecret,
  };
  const call: TestControlPlane["call"] = async (action, parameters) => callApi(target, action, parameters);
  return {
    dataDir,
    target,
    controlPlane,
    call,
    register: async (stateDir) => {
      const { ActivationId, ActivationCode } = await call("CreateActivation", { InstanceCount: 10 });
      const { instanceId } = await registerAgent({
        server: controlPlane.endpoint,
        serverKey: controlPlane.keyFingerprint,
        activationId: String(ActivationId),
        activationCode: String(ActivationCode),
        stateDir,
        clock: systemClock,
      });
      return instanceId;
    },
    run: async (instanceIds, script, parameters = {}) => {
      const content = { CommandContent: Buffer.from(script).toString("base64"), ContentEncoding: "Base64" };
      const { InvokeId } = await call("RunCommand", {
        Type: "RunShellScript",
        InstanceId: [...instanceIds],
        ...content,
        ...parameters,
      });
      return String(InvokeId);
    },
    results: (invokeId) =>
      waitFor(async () => {
        const { Invocation } = await call("DescribeInvocationResults", { InvokeId: invokeId, PageSize: 50 });
        const results = Invocation.InvocationResults.InvocationResult as Json[];
        return results.length > 0 && results.every((result) => !OPEN.includes(result["InvocationStatus"]))
          ? results
          : undefined;
      }),
    close: async () => {
      await controlPlane.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
