import { CLOSE_CODES } from "@cloud-assistant/shared/protocol/frames";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestLink, type TestLink } from "../support/agent-link.ts";
import { FakeServer } from "../support/fake-server.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { waitFor } from "../support/wait-for.ts";

let server: FakeServer;
let agent: TestLink;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock();
  server = await FakeServer.start();
  agent = await openTestLink(server, { clock });
});
afterEach(async () => {
  await agent.close();
  await server.close();
});

const STEERED = { backoff: { baseMs: 1_000, capMs: 60_000 }, silenceMs: 45_000 };
const waiting = () =>
  waitFor(() => {
    const state = agent.link.state();
    return state.status === "waiting" ? { reason: state.reason, inMs: state.dueMs - clock.elapsed() } : undefined;
  });
const proven = async () => {
  const connection = await server.proven(STEERED);
  await waitFor(() => agent.link.connected());
  return connection;
};
const upgrades = (): number => server.requests.filter((request) => request.startsWith("UPGRADE")).length;

test("a server that falls silent is noticed after exactly the silence it asked for", async () => {
  const connection = await proven();
  await clock.advance(30_000);
  connection.ping();
  await connection.settled();
  await clock.advance(44_999);
  expect(agent.link.connected()).toBe(true);
  await clock.advance(1);
  expect(await waiting()).toEqual({ reason: "silent", inMs: 500 });
});

test("a server that pings but never proves itself is given up after 45 s", async () => {
  const connection = await server.connection();
  await server.challenge(connection);
  await clock.advance(44_000);
  await connection.settled();
  await clock.advance(1_000);
  expect(await waiting()).toMatchObject({ reason: "silent" });
});

test("delays double while the server is away, and each attempt comes when it is due", async () => {
  const connection = await proven();
  server.refuseUpgrades = { status: 500 };
  connection.cut();
  for (const delayMs of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    expect((await waiting()).inMs).toBe(delayMs);
    const before = upgrades();
    await clock.advance(delayMs - 1);
    expect(upgrades()).toBe(before);
    await clock.advance(1);
    await waitFor(() => upgrades() === before + 1);
  }
  server.refuseUpgrades = undefined;
  await waiting();
  await clock.advance(30_000);
  const again = await proven();
  again.cut();
  expect((await waiting()).inMs).toBe(30_000); // not yet proven for long
});

test.each([
  ["goingAway", CLOSE_CODES.goingAway, 500, "link ended by the server's shutdown"],
  ["replaced", CLOSE_CODES.replaced, 45_000, "link refused"],
  ["unproven", CLOSE_CODES.unproven, 45_000, "link refused"],
  ["cloned", CLOSE_CODES.cloned, 45_000, "link refused"],
  ["badVersion", CLOSE_CODES.badVersion, 45_000, "link refused"],
  ["lost", CLOSE_CODES.silent, 500, "link lost"],
] as const)("close code for %s", async (reason, code, inMs, msg) => {
  const connection = await proven();
  connection.close(code);
  expect(await waiting()).toEqual({ reason, inMs });
  expect(await waitFor(() => agent.logged().find((line) => line["reason"] === reason))).toMatchObject({ msg });
});

test("a busy server is asked again when it said, jittered", async () => {
  const connection = await proven();
  server.refuseUpgrades = { status: 503, retryAfterSeconds: 7 };
  connection.cut();
  await waiting();
  await clock.advance(500);
  expect(await waitFor(async () => ((await waiting()).reason === "busy" ? waiting() : undefined))).toEqual({
    reason: "busy",
    inMs: 7_000 + 1_000,
  });
});

test("closing ends the connection at once and leaves no timer", async () => {
  const connection = await proven();
  await agent.link.close();
  expect(await connection.closed).toBe(1000);
  expect(agent.link.state()).toEqual({ status: "closed" });
  expect(clock.pending).toBe(0);
});

test("closing while it waits leaves no timer", async () => {
  (await proven()).cut();
  await waiting();
  await agent.link.close();
  expect(clock.pending).toBe(0);
});
