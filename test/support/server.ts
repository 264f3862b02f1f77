import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@cloud-assistant/control-plane/config";
import { createLog } from "@cloud-assistant/control-plane/log";
import { startControlPlane, type ControlPlane } from "@cloud-assistant/control-plane/main";
import { ROOT_ACCESS_KEY_FILE } from "@cloud-assistant/control-plane/root-access-key";
import type { OnControlPlaneStep } from "@cloud-assistant/control-plane/steps";
import type { Target } from "./sdk.ts";
import { signedV1, toQuery } from "./signed-request.ts";

/** Fast enough that a test sees pings, silence and repetitions, slow enough for a loaded machine. */
const SETTINGS = {
  heartbeatMs: 200,
  silenceMs: 2_000,
  resendMs: 300,
  registrationsPerSecond: 1_000_000,
  admissionPerSecond: 1_000_000,
  maxOpenActivations: 100_000,
};

export type Answer = Record<string, unknown>;
export type Activated = { readonly activationId: string; readonly activationCode: string };

/** A real control plane on a free loopback port, in a directory of its own, for tests that play the hosts themselves. */
export type TestServer = {
  readonly dataDir: string;
  readonly endpoint: string;
  readonly target: Target;
  /** What is running now; another one after `restart`. */
  readonly running: () => ControlPlane;
  /** Everything logged so far, as JSON lines. */
  readonly logged: () => string;
  /** A signed call; lists become `Name.1`, `Name.2`. @throws {CallFailed} with the code of the answer. */
  call: (action: string, parameters?: Readonly<Record<string, unknown>>) => Promise<Answer>;
  activate: (parameters?: Readonly<Record<string, unknown>>) => Promise<Activated>;
  /** Closes it and starts another one on the same directory and port. */
  restart: () => Promise<void>;
  close: () => Promise<void>;
};

export class CallFailed extends Error {
  readonly code: string;
  readonly status: number;
  constructor(action: string, status: number, answer: Answer) {
    super(`${action}: ${status} ${JSON.stringify(answer)}`);
    this.code = String(answer["Code"]);
    this.status = status;
  }
}

export type TestServerOptions = {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly onStep?: OnControlPlaneStep;
};

export async function startTestServer({ settings = {}, onStep }: TestServerOptions = {}): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), "server-"));
  const lines: string[] = [];
  const start = (port: number): Promise<ControlPlane> =>
    startControlPlane({
      config: loadConfig({
        flags: { listen: `127.0.0.1:${port}`, dataDir, ...SETTINGS, ...settings },
        env: {},
        file: undefined,
      }),
      log: createLog("debug", { write: (line) => void lines.push(line) }),
      ...(onStep && { onStep }),
    });
  let running = await start(0);
  const { endpoint } = running;
  const key = JSON.parse(readFileSync(join(dataDir, ROOT_ACCESS_KEY_FILE), "utf8")) as {
    AccessKeyId: string;
    AccessKeySecret: string;
  };
  const target: Target = { endpoint, accessKeyId: key.AccessKeyId, accessKeySecret: key.AccessKeySecret };
  const call: TestServer["call"] = (action, parameters = {}) => callApi(target, action, parameters);
  return {
    dataDir,
    endpoint,
    target,
    running: () => running,
    logged: () => lines.join(""),
    call,
    activate: async (parameters = {}) => {
      const answer = await call("CreateActivation", { InstanceCount: 1000, ...parameters });
      return { activationId: String(answer["ActivationId"]), activationCode: String(answer["ActivationCode"]) };
    },
    restart: async () => {
      await running.close();
      running = await start(running.address.port);
    },
    close: async () => {
      await running.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

export async function callApi(
  target: Target,
  action: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const flat = flatten({ RegionId: "cn-hangzhou", ...parameters });
  const response = await fetch(target.endpoint, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: toQuery(signedV1(target, action, flat, "POST")),
  });
  const answer = (await response.json()) as Answer;
  if (!response.ok) throw new CallFailed(action, response.status, answer);
  return answer;
}

/** Lists become `Name.1`, objects in them `Name.1.Key`; an object that is no list's is JSON. */
function flatten(parameters: Readonly<Record<string, unknown>>): Record<string, string> {
  const ofItem = (name: string, item: unknown): [string, string][] =>
    typeof item === "object" && item !== null
      ? Object.entries(flatten(item as Record<string, unknown>)).map(([key, value]) => [`${name}.${key}`, value])
      : [[name, String(item)]];
  const pairs = Object.entries(parameters).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value.flatMap((item, index) => ofItem(`${name}.${index + 1}`, item));
    return [[name, typeof value === "object" ? JSON.stringify(value) : String(value)]];
  });
  return Object.fromEntries(pairs);
}
