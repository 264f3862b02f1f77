import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@cloud-assistant/agent/clock";
import { registerAgent } from "@cloud-assistant/agent/register";
import { expect, onTestFinished, test } from "vitest";
import { startTestAgent } from "../support/agent.ts";
import { connectFakeAgent, registerFakeAgent } from "../support/fake-agent.ts";
import { FAKE_ACTIVATION, FakeServer } from "../support/fake-server.ts";
import { callApi } from "../support/server.ts";
import { startServerProcess } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";

// A process that stands still (an overloaded or paused machine) does not listen, so nobody was silent in that time.

/** As the server of the tests is told; an agent is told by its welcome. Milliseconds. */
const SILENCE_MS = 5_000;

async function standStill(pid: number, ms: number, meanwhile: () => void): Promise<void> {
  process.kill(pid, "SIGSTOP");
  const until = performance.now() + ms;
  meanwhile();
  await waitFor(() => performance.now() > until, { withinMs: ms + 10_000 });
  process.kill(pid, "SIGCONT");
}

test("a control plane that stood still keeps the connections on which something waits to be read", async () => {
  const server = await startServerProcess();
  onTestFinished(() => server.remove());
  const { ActivationId, ActivationCode } = await callApi(server.target, "CreateActivation", {});
  const identity = await registerFakeAgent(server.target.endpoint, {
    activationId: String(ActivationId),
    activationCode: String(ActivationCode),
  });
  const agent = await connectFakeAgent(server.target.endpoint, identity, () => undefined);
  onTestFinished(() => agent.cut());
  const { pid } = JSON.parse(readFileSync(join(server.dataDir, "control-plane.json"), "utf8")) as { pid: number };
  await standStill(pid, SILENCE_MS + 1_000, () => agent.send({ type: "of a later version" }));
  await callApi(server.target, "RunCommand", {
    Type: "RunShellScript",
    CommandContent: "echo",
    InstanceId: [identity.instanceId],
  });
  expect(await waitFor(() => agent.held.size, { withinMs: 10_000, what: "the order on the same connection" })).toBe(1);
});

test("an agent that stood still keeps a connection on which something waits to be read", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "stalled-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  const server = await FakeServer.start();
  onTestFinished(() => server.close());
  await registerAgent({ server: server.url, ...FAKE_ACTIVATION, stateDir, clock: systemClock });
  const agent = startTestAgent({ stateDir });
  onTestFinished(() => agent.kill());
  const connection = await server.proven({ silenceMs: 1_000 });
  await connection.settled();
  await standStill(agent.pid, 2_000, () => connection.ping());
  const next = Promise.race([
    connection.settled().then(() => "heard"),
    server.connection().then(() => "dialled again"),
  ]);
  expect(await next).toBe("heard");
});
