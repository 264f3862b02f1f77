import { mkdtempSync, rmSync, existsSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentStatus } from "@cloud-assistant/agent/status";
import { systemClock } from "@cloud-assistant/agent/clock";
import { registerAgent } from "@cloud-assistant/agent/register";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startTestAgent, type StartAgentOptions, type TestAgent } from "../support/agent.ts";
import { startTestControlPlane, type TestControlPlane } from "../support/control-plane.ts";
import { FaultProxy } from "../support/fault-proxy.ts";
import { waitFor } from "../support/wait-for.ts";

let controlPlane: TestControlPlane;
let proxy: FaultProxy;
let stateDir: string;
let agent: TestAgent;
let instanceId: string;
beforeEach(async () => {
  controlPlane = await startTestControlPlane({ heartbeatMs: 100, silenceMs: 500, resendMs: 100 });
  proxy = await FaultProxy.start({ target: controlPlane.target.endpoint, seed: 7 });
  stateDir = mkdtempSync(join(tmpdir(), "agent-faults-"));
  const { ActivationId, ActivationCode } = await controlPlane.call("CreateActivation", { InstanceCount: 1 });
  const activation = { activationId: String(ActivationId), activationCode: String(ActivationCode) };
  const server = { server: proxy.endpoint, serverKey: controlPlane.controlPlane.keyFingerprint };
  ({ instanceId } = await registerAgent({ ...server, ...activation, stateDir, clock: systemClock }));
  agent = start();
  await agent.connected();
});
afterEach(async () => {
  await agent.kill();
  await proxy.close();
  await controlPlane.close();
  rmSync(stateDir, { recursive: true });
});

const start = (options: Partial<StartAgentOptions> = {}): TestAgent =>
  startTestAgent({ stateDir, useCgroups: false, backoff: { baseMs: 20, capMs: 100 }, ...options });
const status = () => agentStatus(stateDir);
const ranFile = (name: string): string => join(stateDir, `ran-${name}`);
const timesRun = (name: string): number =>
  existsSync(ranFile(name)) ? readFileSync(ranFile(name), "utf8").split("\n").length - 1 : 0;
const submit = (name: string, exitCode = 0): Promise<string> =>
  controlPlane.run([instanceId], `echo x >> '${ranFile(name)}'; echo ${name}; exit ${exitCode}`);
const result = async (invokeId: string): Promise<unknown> => {
  const [{ ExitCode, Output } = { ExitCode: undefined, Output: "" }] = await controlPlane.results(invokeId);
  return [ExitCode, Buffer.from(String(Output), "base64").toString()];
};

test("the status of an agent: alone, connected, cut off, stopped", async () => {
  expect(await status()).toEqual({ instanceId, pid: agent.pid, connected: true, runs: 0 });
  expect(JSON.parse(readFileSync(join(stateDir, "agent.json"), "utf8"))).toEqual({ pid: agent.pid, instanceId });
  proxy.setRefusing(true);
  expect(proxy.cut()).toBe(1);
  await waitFor(async () => !(await status()).connected);
  proxy.setRefusing(false);
  await waitFor(async () => (await status()).connected);
  const second = start();
  expect(await second.ended).toBe(1);
  expect(second.logged()).toMatch(/another agent \(pid \d+\) runs on/);
  expect(await agent.stop()).toBe(0);
  expect(await status()).toEqual({ instanceId, pid: null, connected: false, runs: 0 });
  expect(readdirSync(stateDir).filter((name) => /^(agent\.|lock)/.test(name))).toEqual([]);
});

test("a half-open connection is noticed on both sides, and what was asked meanwhile runs afterwards", async () => {
  proxy.setBlackHole(true);
  await waitFor(async () => !(await status()).connected);
  await waitFor(async () =>
    (await controlPlane.call("DescribeInstances", {}))["Instances"].Instance[0].Status === "Stopped" ? true : undefined,
  );
  const invokeId = await submit("meanwhile", 3);
  proxy.setBlackHole(false);
  expect(await result(invokeId)).toEqual([3, "meanwhile\n"]);
});

test.each(["lose", "duplicate", "reorder", "delay"] as const)(
  "frames that a line will %s change no result, and nothing runs twice",
  async (fault) => {
    for (const direction of ["toAgent", "toServer"] as const)
      proxy.setFaults(direction, { [fault]: 0.4, maxDelayMs: 50 });
    const names = Array.from({ length: 10 }, (_, index) => `r${index}`);
    const ids = await Promise.all(names.map((name, index) => submit(name, index)));
    expect(await Promise.all(ids.map(result))).toEqual(names.map((name, index) => [index, `${name}\n`]));
    expect(names.map(timesRun)).toEqual(names.map(() => 1));
    const { lost, duplicated, reordered, delayed } = proxy.counts.toServer;
    expect(lost + duplicated + reordered + delayed).toBeGreaterThan(0);
  },
);

test("a handshake that loses frames comes about in the end", async () => {
  proxy.setFaults("toServer", { lose: 0.5, handshake: true });
  proxy.cut();
  await waitFor(async () => !(await status()).connected);
  // a hello that was lost costs the 10 s after which the server gives up waiting for it
  await waitFor(async () => (await status()).connected, { withinMs: 90_000 });
  expect(proxy.connections).toBeGreaterThan(1);
});

// every step, with runs in flight: test/faults/agent-crash.test.ts
test("an agent that dies in the middle of a script is started again, and the run ends once", async () => {
  await agent.stop();
  agent = start({ dieAt: { step: "script started", occurrence: 1 } });
  await agent.connected();
  const invokeId = await submit("orphan", 7);
  expect(await agent.ended).toBe("SIGKILL");
  agent = start();
  await agent.connected();
  expect(await result(invokeId)).toEqual([7, "orphan\n"]);
  expect(timesRun("orphan")).toBe(1);
});
