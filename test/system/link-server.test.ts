import { afterEach, beforeEach, expect, test } from "vitest";
import {
  connectFakeAgent,
  exited,
  registerFakeAgent,
  sayHello,
  type Behave,
  type FakeAgent,
  type FakeIdentity,
} from "../support/fake-agent.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { waitFor } from "../support/wait-for.ts";

let server: TestServer;
const agents: FakeAgent[] = [];
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.cut()));
  await server.close();
});

const silent: Behave = () => undefined;

async function register(name = "host"): Promise<FakeIdentity> {
  return registerFakeAgent(server.endpoint, await server.activate(), { name });
}

async function connect(
  identity: FakeIdentity,
  behave: Behave = sayHello,
  options: { ledgerId?: string; acknowledgesOrders?: boolean } = {},
): Promise<FakeAgent> {
  const agent = await connectFakeAgent(server.endpoint, identity, behave, { keepFrames: true, ...options });
  agents.push(agent);
  return agent;
}

async function runCommand(
  identities: readonly FakeIdentity[],
  parameters: Record<string, unknown> = {},
): Promise<string> {
  const answer = await server.call("RunCommand", {
    Type: "RunShellScript",
    CommandContent: "true",
    InstanceId: identities.map(({ instanceId }) => instanceId),
    ...parameters,
  });
  return String(answer["InvokeId"]);
}

type Result = {
  InstanceId: string;
  InvocationStatus: string;
  Output: string;
  ExitCode: number;
  ErrorCode: string;
  ErrorInfo: string;
};
async function results(invokeId: string): Promise<Result[]> {
  const answer = await server.call("DescribeInvocationResults", { InvokeId: invokeId, ContentEncoding: "PlainText" });
  return (answer["Invocation"] as { InvocationResults: { InvocationResult: Result[] } }).InvocationResults
    .InvocationResult;
}
async function status(invokeId: string): Promise<string | undefined> {
  return (await results(invokeId))[0]?.InvocationStatus;
}
const untilStatus = (invokeId: string, wanted: string): Promise<unknown> =>
  waitFor(async () => (await status(invokeId)) === wanted, { what: `${invokeId} to be ${wanted}` });

test("a run goes from the call over the link to its stored result", async () => {
  const identity = await register();
  const agent = await connect(identity);
  const invokeId = await runCommand([identity]);
  await untilStatus(invokeId, "Success");
  expect((await results(invokeId))[0]).toMatchObject({ Output: "hello\n", ExitCode: 0 });
  await waitFor(() => agent.held.size === 0, { what: "the end to be acknowledged" });
  expect(agent.orders.map(({ order }) => order)).toEqual([
    expect.objectContaining({
      type: "task",
      invokeId,
      targets: [identity.instanceId],
      content: Buffer.from("true").toString("base64"),
    }),
  ]);
});

test("an invocation over many hosts is one order under one signature", async () => {
  const activation = await server.activate();
  const identities = await Promise.all(
    Array.from({ length: 20 }, (_, index) => registerFakeAgent(server.endpoint, activation, { name: `host${index}` })),
  );
  const connected = await Promise.all(identities.map((identity) => connect(identity)));
  const invokeId = await runCommand(identities);
  await waitFor(async () => (await results(invokeId)).every(({ InvocationStatus }) => InvocationStatus === "Success"), {
    what: "all to succeed",
  });
  expect(new Set(connected.map(({ orders }) => orders[0]?.signature)).size).toBe(1);
});

test("a run waits for its host and is sent when the host connects", async () => {
  const identity = await register();
  const invokeId = await runCommand([identity]);
  expect(await status(invokeId)).toBe("Pending");
  await connect(identity);
  await untilStatus(invokeId, "Success");
});

test("a run whose host does not come in time is aborted", async () => {
  const identity = await register();
  const invokeId = await runCommand([identity], { DeliveryTimeout: 1 });
  await untilStatus(invokeId, "Aborted");
  expect((await results(invokeId))[0]?.ErrorCode).toBe("DeliveryTimeout");
  const agent = await connect(identity);
  await waitFor(() => agent.welcome, { what: "the welcome" });
  expect(agent.orders).toEqual([]);
});

test("an order that is not acknowledged is repeated as the same order, on the connection, on the next, and after a restart", async () => {
  const identity = await register();
  const deaf = await connect(identity, silent, { acknowledgesOrders: false });
  const invokeId = await runCommand([identity], {
    CommandContent: "echo {{what}} {{ACS::InstanceName}}",
    EnableParameter: true,
    Parameters: { what: "é" },
    WorkingDir: "/",
  });
  await waitFor(() => deaf.orders.length >= 3, { what: "two repetitions" });
  await deaf.cut();
  await deaf.connect();
  await server.restart();
  const agent = await connect(identity, sayHello, { ledgerId: deaf.ledgerId });
  await untilStatus(invokeId, "Success");
  expect(new Set([...deaf.orders, ...agent.orders].map(({ signature, id }) => `${id} ${signature}`)).size).toBe(1);
});

test("output goes on at the right byte after a reconnect in the middle of a run", async () => {
  const identity = await register();
  const agent = await connect(identity, () => ({ output: Buffer.from("0123456789") }));
  const invokeId = await runCommand([identity]);
  await waitFor(() => agent.frames.some((frame) => frame.type === "outputAck" && frame.offset === 10), {
    what: "the output to be stored",
  });
  await agent.cut();
  const welcome = await agent.connect();
  expect(welcome.want).toEqual([{ invokeId, iteration: 1, offset: 10 }]);
  expect(agent.orders).toHaveLength(1);
  agent.finish({ invokeId, iteration: 1 }, exited(7));
  await untilStatus(invokeId, "Failed");
  expect((await results(invokeId))[0]).toMatchObject({ Output: "0123456789", ExitCode: 7 });
});

test("output at a wrong offset is not stored, and an end before its output is not taken", async () => {
  const identity = await register();
  const agent = await connect(identity, silent);
  const run = { invokeId: await runCommand([identity]), iteration: 1 };
  await waitFor(() => agent.held.size === 1, { what: "the order" });
  agent.held.clear(); // the test speaks for it
  agent.sendOutput(run, 5, Buffer.from("late"));
  agent.send({ type: "ended", id: "e1", ...run, outputBytes: 4, end: exited(0) });
  await waitFor(() => agent.frames.filter((frame) => frame.type === "outputAck" && frame.offset === 0).length >= 1, {
    what: "the offset it has",
  });
  agent.sendOutput(run, 0, Buffer.from("ab"));
  agent.sendOutput(run, 0, Buffer.from("ab")); // twice
  agent.sendOutput(run, 2, Buffer.from("cd"));
  agent.send({ type: "ended", id: "e2", ...run, outputBytes: 4, end: exited(0) });
  await waitFor(() => agent.frames.some((frame) => frame.type === "ack" && frame.ids.includes("e2")), {
    what: "the end to be acknowledged",
  });
  expect(agent.frames.some((frame) => frame.type === "ack" && frame.ids.includes("e1"))).toBe(false);
  expect((await results(run.invokeId))[0]).toMatchObject({ InvocationStatus: "Success", Output: "abcd" });
});

test("a run whose end is stored takes no more output; what comes twice or too late is let go", async () => {
  const identity = await register();
  const agent = await connect(identity, () => ({ output: Buffer.from("abcd"), end: exited(0) }));
  const run = { invokeId: await runCommand([identity]), iteration: 1 };
  await untilStatus(run.invokeId, "Success");
  const told = (offset: number): Promise<unknown> =>
    waitFor(() => agent.frames.some((frame) => frame.type === "outputAck" && frame.offset === offset), {
      what: `an answer at ${offset}`,
    });
  agent.frames.length = 0;
  agent.sendOutput(run, 2, Buffer.from("cd"));
  await told(4);
  agent.sendOutput(run, 4, Buffer.from("forged"));
  await told(10);
  agent.send({ type: "gap", ...run, from: 4, to: 99 });
  await told(99);
  agent.send({ type: "ended", id: "e", ...run, outputBytes: 99, end: exited(7) });
  await waitFor(() => agent.frames.some((frame) => frame.type === "ack" && frame.ids.includes("e")), {
    what: "the second end to be let go",
  });
  expect((await results(run.invokeId))[0]).toMatchObject({
    InvocationStatus: "Success",
    ExitCode: 0,
    Output: "abcd",
    Dropped: 0,
  });
});

test("bytes dropped on the host are a gap in what is stored", async () => {
  const identity = await register();
  const agent = await connect(identity, silent);
  const run = { invokeId: await runCommand([identity]), iteration: 1 };
  await waitFor(() => agent.held.size === 1, { what: "the order" });
  agent.held.clear();
  agent.sendOutput(run, 0, Buffer.from("ab"));
  agent.send({ type: "gap", ...run, from: 2, to: 100 });
  agent.sendOutput(run, 100, Buffer.from("yz"));
  agent.send({ type: "ended", id: "e", ...run, outputBytes: 102, end: exited(0) });
  await untilStatus(run.invokeId, "Success");
  expect((await results(run.invokeId))[0]).toMatchObject({ Output: "abyz", Dropped: 98 });
});

test("a stop reaches a running script, and one that was never taken", async () => {
  const identity = await register();
  const agent = await connect(identity, silent);
  const running = await runCommand([identity]);
  await untilStatus(running, "Running");
  await server.call("StopInvocation", { InvokeId: running });
  await untilStatus(running, "Terminated");

  await agent.cut();
  const deaf = await connect(identity, silent, { acknowledgesOrders: false, ledgerId: agent.ledgerId });
  const untaken = await runCommand([identity]);
  await waitFor(() => deaf.orders.length > 0, { what: "the order" });
  await server.call("StopInvocation", { InvokeId: untaken });
  expect(await status(untaken)).toBe("Stopping");
  await deaf.cut();
  await connect(identity, silent, { ledgerId: agent.ledgerId });
  await untilStatus(untaken, "Cancelled");
});

test("a host that lost its ledger makes the outcome unknown, and nothing is run again", async () => {
  const identity = await register();
  const agent = await connect(identity, silent);
  const invokeId = await runCommand([identity]);
  await untilStatus(invokeId, "Running");
  await agent.cut();
  const wiped = await connect(identity);
  await untilStatus(invokeId, "Error");
  expect((await results(invokeId))[0]?.ErrorInfo).toMatch(/^outcome unknown/);
  expect(wiped.orders).toEqual([]);
});

test("a restart of the control plane in the middle of a run loses nothing", async () => {
  const identity = await register();
  const agent = await connect(identity, () => ({ output: Buffer.from("before ") }));
  const invokeId = await runCommand([identity]);
  await untilStatus(invokeId, "Running");
  await server.restart();
  expect(agent.closeCode).toBe(1001);
  const welcome = await agent.connect();
  expect(welcome.want).toEqual([{ invokeId, iteration: 1, offset: 7 }]);
  agent.finish({ invokeId, iteration: 1 });
  await untilStatus(invokeId, "Success");
  expect((await results(invokeId))[0]?.Output).toBe("before ");
  // its end is stored: told again, it is acknowledged again and changes nothing
  agent.send({ type: "ended", id: "again", invokeId, iteration: 1, outputBytes: 7, end: exited(3) });
  await waitFor(() => agent.frames.some((frame) => frame.type === "ack" && frame.ids.includes("again")), {
    what: "the acknowledgement",
  });
  expect(await status(invokeId)).toBe("Success");
});
