import { once } from "node:events";
import { createConnection } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CLOSE_CODES, LINK_PATH } from "@cloud-assistant/shared/protocol/frames";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import {
  connectFakeAgent,
  FakeAgent,
  makeHost,
  makeKeyPair,
  makeNonce,
  registerFakeAgent,
  sayHello,
  type FakeIdentity,
} from "../support/fake-agent.ts";
import { startTestServer, type Activated, type TestServer } from "../support/server.ts";
import { waitFor } from "../support/wait-for.ts";

let server: TestServer;
let activation: Activated;
const open: WebSocket[] = [];
beforeEach(async () => {
  server = await startTestServer();
  activation = await server.activate();
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.terminate();
  await server.close();
});

const register = (name = "host"): Promise<FakeIdentity> => registerFakeAgent(server.endpoint, activation, { name });

function agentOf(identity: FakeIdentity): FakeAgent {
  return new FakeAgent(server.endpoint, identity, sayHello, { keepFrames: true });
}

async function connected(identity: FakeIdentity): Promise<FakeAgent> {
  const agent = await connectFakeAgent(server.endpoint, identity);
  if (agent.socket) open.push(agent.socket);
  return agent;
}

/** A socket that was challenged; the test speaks. */
async function challenged(): Promise<{ socket: WebSocket; nonce: string; closed: Promise<number> }> {
  const socket = new WebSocket(`${server.endpoint.replace("http", "ws")}${LINK_PATH}`);
  open.push(socket);
  const closed = once(socket, "close").then(([code]) => Number(code));
  const [data] = (await once(socket, "message")) as [Buffer];
  return { socket, nonce: (JSON.parse(data.toString()) as { nonce: string }).nonce, closed };
}

async function isConnected({ instanceId }: FakeIdentity): Promise<boolean> {
  const { Instances } = await server.call("DescribeManagedInstances", { InstanceId: [instanceId] });
  return (Instances as { Connected: boolean }[])[0]?.Connected ?? false;
}

async function refusalOf(refused: Promise<unknown>): Promise<string> {
  return refused.then(
    () => "not refused",
    (error: unknown) => (error as Error).message,
  );
}

test("a hello signed by a foreign key is refused", async () => {
  const identity = await register();
  const forged = agentOf({ ...identity, privateKey: makeKeyPair().privateKey });
  await expect(forged.connect()).rejects.toThrow(`closed with ${CLOSE_CODES.unproven}`);
  expect(await isConnected(identity)).toBe(false);
  expect(server.running().counters.unproven).toBe(1);
});

test("a hello of an unknown instance, or over another nonce than this connection's, is refused", async () => {
  const identity = await register();
  await expect(agentOf({ ...identity, instanceId: "mi-unknown" }).connect()).rejects.toThrow(
    `closed with ${CLOSE_CODES.unproven}`,
  );
  await expect(agentOf(identity).connect({ serverNonce: makeNonce() })).rejects.toThrow(
    `closed with ${CLOSE_CODES.unproven}`,
  );
});

test("a hello that was overheard does not work on another connection", async () => {
  const identity = await register();
  const first = await challenged();
  const overheard = agentOf(identity).hello(first.nonce);
  first.socket.send(overheard);
  await waitFor(() => isConnected(identity), { what: "the owner to be connected" });
  const thief = await challenged();
  thief.socket.send(overheard);
  expect(await thief.closed).toBe(CLOSE_CODES.unproven);
  expect(await isConnected(identity)).toBe(true);
});

test("another protocol version is told so", async () => {
  await expect(agentOf(await register()).connect({ protocol: 99 })).rejects.toThrow(
    `closed with ${CLOSE_CODES.badVersion}`,
  );
});

test("a copy of the disk on another machine is refused, reported, and does not disturb the original", async () => {
  const identity = await register("original");
  const original = await connected(identity);
  const copy = agentOf({ ...identity, host: makeHost("copy") });
  await expect(copy.connect()).rejects.toThrow(`closed with ${CLOSE_CODES.cloned}`);
  expect(original.socket?.readyState).toBe(WebSocket.OPEN);
  expect(server.running().counters.cloned).toBe(1);
  const warning = server
    .logged()
    .split("\n")
    .find((line) => line.includes("another machine has this instance's identity"));
  expect(warning).toContain(makeHost("original").fingerprint);
  expect(warning).toContain(makeHost("copy").fingerprint);
});

test("a newer connection of the same instance closes the older one", async () => {
  const identity = await register();
  const older = await connected(identity);
  await connected(identity);
  await waitFor(() => older.closeCode === CLOSE_CODES.replaced, { what: "the older one to be closed" });
  expect(await isConnected(identity)).toBe(true);
});

test("whatever is not a hello comes too early", async () => {
  for (const early of [
    '{"type":"ack","ids":[]}',
    "not json",
    Buffer.from([1, 2, 3]),
    '{"type":"hello"}',
    '{"type":"later"}',
  ]) {
    const { socket, closed } = await challenged();
    socket.send(early);
    expect(await closed).toBe(CLOSE_CODES.badFrame);
  }
});

test("a connection that says nothing is closed", async () => {
  const { closed } = await challenged();
  expect(await closed).toBe(CLOSE_CODES.unproven);
});

test("a host that stops answering is noticed", async () => {
  const identity = await register();
  const agent = await connected(identity);
  agent.socket?.pause(); // reads nothing more, so it does not answer pings either: half-open
  await waitFor(async () => !(await isConnected(identity)), { what: "the silence to be noticed" });
  expect(server.running().counters.silent).toBe(1);
});

test("a connection that answers pings stays", async () => {
  const identity = await register();
  const agent = await connected(identity);
  let pings = 0;
  agent.socket?.on("ping", () => pings++);
  await waitFor(() => pings > 12, { what: "more pings than fit into the silence" });
  expect(await isConnected(identity)).toBe(true);
});

test("other upgrades and other paths get a JSON error", async () => {
  const { port } = new URL(server.endpoint);
  const socket = createConnection({ host: "127.0.0.1", port: Number(port) });
  socket.end("GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  expect(answer).toContain('{"Code":"');
});

test("more connections than admitted are told to come back", async () => {
  const slow = await startTestServer({ settings: { admissionPerSecond: 1 } });
  const connect = (): Promise<string> => {
    const socket = new WebSocket(`${slow.endpoint.replace("http", "ws")}${LINK_PATH}`);
    open.push(socket);
    return refusalOf(once(socket, "open"));
  };
  const outcomes = await Promise.all(Array.from({ length: 5 }, connect));
  expect(outcomes.filter((outcome) => outcome === "not refused").length).toBeLessThan(5);
  expect(outcomes.filter((outcome) => outcome.includes("503")).length).toBe(slow.running().counters.notAdmitted);
  await slow.close();
});

test("the database alone can sign neither a call nor an order", async () => {
  const identity = await register();
  await connected(identity);
  await server.call("RunCommand", {
    Type: "RunShellScript",
    CommandContent: "true",
    InstanceId: [identity.instanceId],
  });
  const read = (name: string): string => readFileSync(join(server.dataDir, name), "latin1");
  const { AccessKeySecret } = JSON.parse(read("root-access-key.json")) as { AccessKeySecret: string };
  const secrets = [
    AccessKeySecret,
    activation.activationCode,
    (JSON.parse(read("signing-key.json")) as { d: string }).d,
    (JSON.parse(read("master-key.json")) as { k: string }).k,
  ].flatMap((secret) => [
    secret,
    Buffer.from(secret, "base64url").toString("latin1"),
    Buffer.from(secret, "base64url").toString("base64"),
  ]);
  await server.running().close();
  const database = read("control-plane.db");
  expect(database.includes(identity.instanceId)).toBe(true);
  for (const secret of secrets) {
    expect(database.includes(secret)).toBe(false);
    expect(server.logged().includes(secret)).toBe(false);
  }
});
