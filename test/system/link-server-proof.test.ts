import { once } from "node:events";
import { createConnection } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CLOSE_CODES, LINK_PATH } from "@cloud-assistant/shared/protocol/frames";
import { MAX_FRAME_BYTES } from "@cloud-assistant/shared/limits";
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
import { integer, seededRandom } from "../support/random.ts";
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

test("frames of unknown types are ignored and counted", async () => {
  const identity = await register();
  const agent = await connected(identity);
  agent.send({ type: "telemetry", load: 1 });
  await waitFor(() => server.running().counters.unknownFrames === 1, { what: "the frame to be counted" });
  expect(await isConnected(identity)).toBe(true);
});

test("reports about runs of another instance, or none, change nothing and are let go", async () => {
  const [victim, attacker] = [await register("victim"), await register("attacker")];
  const answer = await server.call("RunCommand", {
    Type: "RunShellScript",
    CommandContent: "true",
    InstanceId: [victim.instanceId],
  });
  const run = { invokeId: String(answer["InvokeId"]), iteration: 1 };
  const agent = await connected(attacker);
  agent.send({ type: "started", id: "s", ...run, atMs: 1 });
  agent.sendOutput(run, 0, Buffer.from("forged"));
  agent.send({
    type: "ended",
    id: "e",
    ...run,
    outputBytes: 6,
    end: { how: "exited", exitCode: 0, startedMs: 1, finishedMs: 2 },
  });
  agent.send({
    type: "ended",
    id: "n",
    invokeId: "t-none",
    iteration: 1,
    outputBytes: 6,
    end: { how: "exited", exitCode: 0, startedMs: 1, finishedMs: 2 },
  });
  const acked = (): string[] => agent.frames.flatMap((frame) => (frame.type === "ack" ? frame.ids : []));
  await waitFor(() => acked().length === 3, { what: "the frames to be let go" });
  expect(server.running().counters.foreignRuns).toBe(4);
  const results = await server.call("DescribeInvocationResults", { InvokeId: run.invokeId });
  expect(JSON.stringify(results)).toContain('"InvocationStatus":"Pending"');
  expect(JSON.stringify(results)).toContain('"Output":""');
});

test("a thousand random frames and one of 10 MB harm nobody", async () => {
  const bystander = await connected(await register("bystander"));
  const sendRandomFrames = async (seed: number): Promise<void> => {
    const random = seededRandom(seed);
    const agent = agentOf(await register(`sender${seed}`));
    for (let count = 0; count < 125; count++) {
      if (agent.socket?.readyState !== WebSocket.OPEN) await agent.connect(); // most frames are answered by a close
      agent.socket?.send(randomFrame(random));
      // pongs come in order, so this one is behind the frame
      agent.socket?.ping();
      if (agent.socket) await Promise.race([once(agent.socket, "pong"), once(agent.socket, "close")]);
    }
    await agent.cut();
  };
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(sendRandomFrames));
  const { badFrames, unknownFrames } = server.running().counters;
  expect(badFrames).toBeGreaterThan(500);
  expect(unknownFrames).toBeGreaterThan(10);
  const big = await connected(await register());
  big.socket?.on("error", () => undefined); // the server may cut while we are still writing
  big.socket?.send("x".repeat(10_000_000));
  await waitFor(() => big.closeCode !== undefined, { what: "the big frame to be refused" });
  const unproven = await challenged();
  unproven.socket.on("error", () => undefined);
  unproven.socket.send(Buffer.alloc(MAX_FRAME_BYTES + 1));
  await unproven.closed;
  expect(bystander.socket?.readyState).toBe(WebSocket.OPEN);
  expect((await fetch(`${server.endpoint}/healthz`)).status).toBe(200);
  expect(server.logged()).not.toContain('"level":50');
});

function randomFrame(random: () => number): Buffer | string {
  const types = ["hello", "ack", "started", "gap", "ended", "order", "welcome", "", "x"];
  const values = [undefined, null, -1, 1e300, "t-x", "", [], {}, true, "a".repeat(300)];
  const pick = <T>(from: readonly T[]): T | undefined => from[integer(random, 0, from.length - 1)];
  switch (integer(random, 0, 3)) {
    case 0:
      return Buffer.from(Array.from({ length: integer(random, 0, 200) }, () => integer(random, 0, 255)));
    case 1:
      return Buffer.from([
        1,
        integer(random, 0, 40),
        0,
        0,
        0,
        integer(random, 0, 2),
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        integer(random, 0, 9),
        ...Buffer.from("t-abc.1 and bytes"),
      ]);
    case 2:
      return Array.from({ length: integer(random, 0, 100) }, () => String.fromCharCode(integer(random, 32, 126))).join(
        "",
      );
    default:
      return JSON.stringify({
        type: pick(types),
        id: pick(values),
        ids: pick(values),
        invokeId: pick(["t-abc", "t-", 7]),
        iteration: pick([1, 0, "1"]),
        atMs: pick(values),
        from: pick(values),
        to: pick(values),
        outputBytes: pick([0, 5]),
        end: pick([{ how: "exited" }, values]),
      });
  }
}

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
