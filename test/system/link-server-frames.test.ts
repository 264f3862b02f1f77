import { once } from "node:events";
import { LINK_PATH } from "@cloud-assistant/shared/protocol/frames";
import { MAX_FRAME_BYTES } from "@cloud-assistant/shared/limits";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { campaignSeeds } from "../support/campaign.ts";
import { connectFakeAgent, FakeAgent, registerFakeAgent, sayHello, type FakeIdentity } from "../support/fake-agent.ts";
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

test.each(campaignSeeds(1))("1000 random frames and one of 10 MB harm nobody (seed %i)", async (seed) => {
  const bystander = await connected(await register("bystander"));
  const sendRandomFrames = async (sender: number): Promise<void> => {
    const random = seededRandom(seed * 8 + sender);
    const agent = agentOf(await register(`sender${sender}`));
    for (let count = 0; count < 125; count += 5) {
      if (agent.socket?.readyState !== WebSocket.OPEN) await agent.connect(); // most frames are answered by a close
      for (let more = 0; more < 5; more++) agent.socket?.send(randomFrame(random));
      // pongs come in order, so this one is behind the frames
      agent.socket?.ping();
      if (agent.socket) await Promise.race([once(agent.socket, "pong"), once(agent.socket, "close")]);
    }
    await agent.cut();
  };
  await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(sendRandomFrames));
  const { badFrames, unknownFrames } = server.running().counters;
  expect(badFrames).toBeGreaterThan(100);
  expect(unknownFrames).toBeGreaterThan(5);
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
