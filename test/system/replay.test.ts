import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@cloud-assistant/agent/clock";
import { registerAgent } from "@cloud-assistant/agent/register";
import type { TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import { expect, onTestFinished, test } from "vitest";
import { startTestAgent, type TestAgent } from "../support/agent.ts";
import { FAKE_ACTIVATION, FakeServer } from "../support/fake-server.ts";
import { callApi } from "../support/server.ts";
import { startServerProcess } from "../support/server-process.ts";
import { signedV1, signedV3, toQuery } from "../support/signed-request.ts";
import { waitFor } from "../support/wait-for.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

function makeStateDir(): string {
  const stateDir = mkdtempSync(join(tmpdir(), "replay-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  return stateDir;
}

function startAgent(stateDir: string): TestAgent {
  const agent = startTestAgent({ stateDir, useCgroups: false, backoff: { baseMs: 10, capMs: 50 } });
  onTestFinished(agent.kill);
  return agent;
}

/** How often a script ran that appends a line each time. */
function timesRun(file: string): number {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
}

test.each(["v1", "v3"] as const)(
  "the bytes of an accepted call are refused after the control plane was killed, and nothing runs twice (%s)",
  async (version) => {
    const server = await startServerProcess();
    onTestFinished(server.remove);
    const stateDir = makeStateDir();
    const { ActivationId, ActivationCode } = await callApi(server.target, "CreateActivation", {});
    const activation = { activationId: String(ActivationId), activationCode: String(ActivationCode) };
    const { instanceId } = await registerAgent({
      server: server.target.endpoint,
      ...activation,
      stateDir,
      clock: systemClock,
    });
    await startAgent(stateDir).connected();

    const ranFile = join(stateDir, "ran");
    const parameters = {
      RegionId: "cn-hangzhou",
      Type: "RunShellScript",
      CommandContent: `echo x >> '${ranFile}'`,
      "InstanceId.1": instanceId,
    };
    const headers = version === "v3" ? signedV3(server.target, "RunCommand", { query: parameters }) : {};
    const query = toQuery(
      version === "v3" ? Object.entries(parameters) : signedV1(server.target, "RunCommand", parameters, "POST"),
    );
    const send = async (): Promise<Json> => {
      const response = await fetch(`${server.target.endpoint}/?${query}`, { method: "POST", headers });
      return { status: response.status, ...((await response.json()) as Json) };
    };
    const runs = async (): Promise<Json[]> => {
      const { Invocation } = await callApi(server.target, "DescribeInvocationResults", { InstanceId: instanceId });
      return (Invocation as Json)["InvocationResults"].InvocationResult as Json[];
    };

    const accepted = await send();
    expect(accepted).toMatchObject({ status: 200, InvokeId: expect.stringMatching(/^t-/) as string });
    await server.kill();
    await server.start();
    const refused = { status: 400, Code: "SignatureNonceUsed", Message: "Specified signature nonce was used already." };
    expect(await send()).toMatchObject(refused);
    await waitFor(async () => (await runs())[0]?.["InvocationStatus"] === "Success", {
      withinMs: 60_000,
      what: "the run to succeed",
    });
    await server.kill();
    await server.start();
    expect(await send()).toMatchObject(refused);
    expect((await runs()).map((run) => run["InvokeId"])).toEqual([accepted["InvokeId"]]);
    expect(timesRun(ranFile)).toBe(1);
  },
);

test("an order recorded on the line does not run again on a host whose agent was killed and whose run is long forgotten", async () => {
  const server = await FakeServer.start();
  onTestFinished(() => server.close());
  const stateDir = makeStateDir();
  const { instanceId } = await registerAgent({ server: server.url, ...FAKE_ACTIVATION, stateDir, clock: systemClock });
  const ranFile = join(stateDir, "ran");
  const payload = JSON.stringify({
    type: "task",
    invokeId: "t-recorded",
    iteration: 1,
    targets: [instanceId],
    expiresMs: Date.now() + 600_000,
    commandType: "RunShellScript",
    content: Buffer.from(`echo x >> '${ranFile}'`).toString("base64"),
    enableParameter: false,
    builtIn: { regionId: "cn-hangzhou", accountId: "1", commandId: "c-1", instanceNames: {} },
    timeoutSeconds: 60,
    terminationMode: "Process",
  } satisfies TaskOrder);
  const recorded = { type: "order" as const, id: "o1", payload, signature: server.sign("order", payload) };

  const first = startAgent(stateDir);
  const connection = await server.proven();
  connection.send(recorded);
  const ended = await connection.next("ended");
  connection.send({ type: "ack", ids: [ended.id] });
  await waitFor(() => readdirSync(join(stateDir, "runs")).length === 0, {
    withinMs: 60_000,
    what: "the run's directory to be removed",
  });
  await first.kill();

  startAgent(stateDir);
  const next = await server.proven();
  next.send(recorded);
  expect((await next.next("ack")).ids).toEqual(["o1"]);
  next.send({ ...recorded, id: "o2" });
  expect((await next.next("ack")).ids).toEqual(["o2"]);
  await next.settled();
  expect(readdirSync(join(stateDir, "runs"))).toEqual([]);
  expect(timesRun(ranFile)).toBe(1);
});
