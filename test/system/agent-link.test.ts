import { existsSync, readFileSync } from "node:fs";
import { CLOSE_CODES, type HelloPayload } from "@cloud-assistant/shared/protocol/frames";
import type { Order } from "@cloud-assistant/shared/protocol/orders";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestLink, type TestLink } from "../support/agent-link.ts";
import { campaignSeeds } from "../support/campaign.ts";
import type { FakeConnection } from "../support/fake-connection.ts";
import { FakeServer, signByStranger } from "../support/fake-server.ts";
import { integer, seededRandom } from "../support/random.ts";
import { waitFor } from "../support/wait-for.ts";

let server: FakeServer;
let agent: TestLink;
beforeEach(async () => {
  server = await FakeServer.start();
  agent = await openTestLink(server);
});
afterEach(async () => {
  await agent.close();
  await server.close();
});

const timesRun = (): number =>
  existsSync(agent.ranFile) ? readFileSync(agent.ranFile, "utf8").split("\n").length - 1 : 0;
const order = (id: string, body: Order, sign = (payload: string) => server.sign("order", payload)) => {
  const payload = JSON.stringify(body);
  return { type: "order" as const, id, payload, signature: sign(payload) };
};
/** Sends an order and waits for what the agent says of its run in the end. */
async function runOrder(connection: FakeConnection, id: string, body: Order) {
  connection.send(order(id, body));
  const ended = await connection.next("ended");
  connection.send({ type: "ack", ids: [ended.id] });
  return ended;
}

test("a proven server's order is acknowledged, runs once, and duplicates are acknowledged again", async () => {
  const connection = await server.proven();
  const task = order("o1", agent.task("t-1"));
  connection.send(task);
  expect(await connection.next("ack")).toEqual({ type: "ack", ids: ["o1"] });
  expect(await connection.next("ended")).toMatchObject({ invokeId: "t-1", end: { how: "exited", exitCode: 0 } });
  expect(agent.steps.filter((step) => step.startsWith("task"))).toEqual([
    "task received",
    "task synced",
    "task acknowledged",
  ]);
  connection.send(task);
  expect((await connection.next("ack")).ids).toEqual(["o1"]);
  connection.send({ ...task, id: "o2" });
  expect((await connection.next("ack")).ids).toEqual(["o2"]);
  expect(timesRun()).toBe(1);
});

test("forged, changed, foreign and unreadable orders are ignored, counted and logged; nothing runs", async () => {
  const connection = await server.proven();
  const good = order("o1", agent.task("t-1"));
  connection.send(order("o2", agent.task("t-2"), (payload) => signByStranger("order", payload)));
  connection.send({ ...good, payload: good.payload.replace("t-1", "t-3") });
  connection.send(order("o4", agent.task("t-4"), (payload) => server.sign("welcome", payload)));
  connection.send(order("o5", agent.task("t-5", { targets: ["mi-another"] })));
  connection.send(order("o6", { ...agent.task("t-6"), iteration: 0 }));
  await connection.settled();
  expect(agent.link.counters).toEqual({
    unknown: 0,
    outOfTurn: 0,
    forgedOrders: 3,
    foreignOrders: 1,
    unreadableOrders: 1,
  });
  expect(
    agent
      .logged()
      .filter(({ level, msg }) => level === 40 && msg === "frame ignored")
      .map(({ what }) => what),
  ).toEqual(["forgedOrders", "forgedOrders", "foreignOrders", "unreadableOrders"]);
  expect(await runOrder(connection, "o7", agent.task("t-7"))).toMatchObject({ invokeId: "t-7" });
  expect((await connection.next("ack")).ids).toEqual(["o7"]);
  expect(timesRun()).toBe(1);
});

test("an order that expired by the server's clock is refused for good", async () => {
  const serverTimeMs = 1_000_000;
  const connection = await server.proven({ serverTimeMs });
  const refused = { end: { how: "refused", reason: "expired" } };
  expect(await runOrder(connection, "o1", agent.task("t-1", { expiresMs: serverTimeMs - 1 }))).toMatchObject(refused);
  expect(await runOrder(connection, "o2", agent.task("t-1", { expiresMs: serverTimeMs + 60_000 }))).toMatchObject(
    refused,
  );
  expect(timesRun()).toBe(0);
});

test("an order recorded on one connection and replayed on the next does not run again", async () => {
  const first = await server.proven();
  const task = order("o1", agent.task("t-1"));
  first.send(task);
  await first.next("ended");
  first.cut();
  const second = await server.proven();
  second.send(task);
  expect((await second.next("ack")).ids).toEqual(["o1"]);
  expect(await second.next("ended")).toMatchObject({ invokeId: "t-1", end: { how: "exited" } });
  expect(timesRun()).toBe(1);
});

test("nothing is looked at before the proof", async () => {
  const connection = await server.connection();
  connection.send(order("o1", agent.task("t-1")));
  connection.send({ type: "ack", ids: ["x"] });
  const hello = await server.challenge(connection);
  connection.send(order("o2", agent.task("t-1")));
  connection.send({ type: "challenge", protocol: 1, nonce: hello.serverNonce });
  await connection.settled();
  expect(agent.link.counters.outOfTurn).toBe(4);
  expect(agent.link.connected()).toBe(false);
  expect(agent.steps).toEqual([]);
});

const forgeries: [string, (hello: HelloPayload, earlier: HelloPayload) => { payload: string; signature: string }][] = [
  [
    "by another key",
    (hello) => ({ ...server.welcome(hello), signature: signByStranger("welcome", server.welcome(hello).payload) }),
  ],
  ["of an earlier connection, replayed with its server nonce", (_, earlier) => server.welcome(earlier)],
  ["for another host", (hello) => server.welcome(hello, { instanceId: "mi-another" })],
];
test.each(forgeries)("a welcome %s ends the connection, tells both keys and backs off", async (_, forge) => {
  const first = await server.connection();
  const earlier = await server.challenge(first);
  first.cut();
  const second = await server.connection();
  const hello = await server.challenge(second, earlier.serverNonce);
  second.send({ type: "welcome", ...forge(hello, earlier) });
  second.send(order("o1", agent.task("t-1")));
  expect(await second.closed).toBe(CLOSE_CODES.unproven);
  const told = await waitFor(() => agent.logged().find(({ msg }) => msg === "the server's key is not the pinned one"));
  expect(told).toMatchObject({ level: 50, pinned: server.fingerprint, shown: server.fingerprint });
  expect(agent.steps).toEqual([]);
  expect(agent.logged().find(({ msg }) => msg === "link refused")).toMatchObject({ level: 50, reason: "forged" });
});

test("another server at the same address proves nothing, and both fingerprints are told", async () => {
  const port = Number(new URL(server.url).port);
  await server.close();
  const impostor = await FakeServer.start(port);
  const connection = await impostor.connection();
  connection.send({ type: "challenge", protocol: 1, nonce: Buffer.alloc(32).toString("base64") });
  const { payload } = await connection.next("hello");
  connection.send({ type: "welcome", ...impostor.welcome(JSON.parse(payload) as HelloPayload) });
  expect(await connection.closed).toBe(CLOSE_CODES.unproven);
  const told = await waitFor(() => agent.logged().find(({ msg }) => msg === "the server's key is not the pinned one"));
  expect(told).toMatchObject({ pinned: server.fingerprint, shown: impostor.fingerprint });
  await impostor.close();
});

test("unknown frames are ignored and counted; broken ones end the connection and the next one is as good", async () => {
  const first = await server.proven();
  first.sendRaw('{"type":"tomorrow"}');
  first.sendRaw(Buffer.from([1, 2, 3]));
  await first.settled();
  expect(agent.link.counters.unknown).toBe(2);
  first.sendRaw("{");
  expect(await first.closed).toBe(CLOSE_CODES.badFrame);
  expect(await runOrder(await server.proven(), "o1", agent.task("t-1"))).toMatchObject({ end: { how: "exited" } });
});

test("a frame of 10 MB ends the connection, not the agent", async () => {
  const first = await server.proven();
  first.sendRaw(JSON.stringify({ type: "ack", ids: ["x".repeat(10_000_000)] }));
  await first.closed;
  expect(await runOrder(await server.proven(), "o1", agent.task("t-1"))).toMatchObject({ end: { how: "exited" } });
  expect(agent.logged().find(({ msg }) => msg === "link lost")).toMatchObject({ reason: "badFrame" });
});

test.each(campaignSeeds(1))(
  "1000 random frames, before and after the proof: nothing crashes, nothing runs (seed %i)",
  async (seed) => {
    const random = seededRandom(seed);
    const good = JSON.stringify(order("o1", agent.task("t-1")));
    let connection = await server.connection();
    let proven = false;
    for (let frame = 0; frame < 1_000; frame++) {
      connection.sendRaw(randomFrame(random, good));
      if (frame % 20 !== 0) continue;
      const settled = await Promise.race([connection.settled().then(() => true), connection.closed.then(() => false)]);
      if (settled && proven) continue;
      if (!settled) connection = await server.connection();
      proven = random() < 0.7;
      if (!proven) continue;
      const hello = await server.challenge(connection).catch(() => undefined);
      if (hello) connection.send({ type: "welcome", ...server.welcome(hello) });
    }
    connection.cut();
    expect(await runOrder(await server.proven(), "o9", agent.task("t-9"))).toMatchObject({ end: { how: "exited" } });
    expect(timesRun()).toBe(1);
  },
);

function randomFrame(random: () => number, good: string): string | Buffer {
  const junk = Buffer.from(Array.from({ length: integer(random, 0, 200) }, () => integer(random, 0, 255)));
  const at = integer(random, 0, good.length - 1);
  switch (integer(random, 0, 9)) {
    case 0:
      return junk;
    case 1:
      return good.slice(0, at);
    case 2:
      return junk.toString("latin1");
    case 3:
      return JSON.stringify({ type: junk.toString("latin1") });
    case 4:
      return JSON.stringify({ type: "outputAck", invokeId: "t-none", iteration: 1, offset: integer(random, 0, 1e9) });
    case 5:
      return JSON.stringify({ type: "ack", ids: [junk.toString("base64").slice(0, 100) || "x"] });
    default:
      // one character of the signed text changed: still JSON most of the time, never signed
      return good.replace(/t-1/, `t-${integer(random, 2, 9)}`);
  }
}
