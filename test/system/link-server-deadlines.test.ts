import { createLog } from "@cloud-assistant/control-plane/log";
import { periodically } from "@cloud-assistant/control-plane/jobs/periodically";
import { expect, test } from "vitest";
import { connectFakeAgent, exited, registerFakeAgent } from "../support/fake-agent.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { startTestServer } from "../support/server.ts";
import { waitFor } from "../support/wait-for.ts";

test("a run whose host never tells its end is an error after the bound, and stays one", async () => {
  const server = await startTestServer({ settings: { outcomeUnknownAfterMs: 0 } });
  const identity = await registerFakeAgent(server.endpoint, await server.activate());
  const agent = await connectFakeAgent(server.endpoint, identity, () => undefined);
  const answer = await server.call("RunCommand", {
    Type: "RunShellScript",
    CommandContent: "true",
    InstanceId: [identity.instanceId],
    Timeout: 10,
    DeliveryTimeout: 1,
  });
  const invokeId = String(answer["InvokeId"]);
  const result = async (): Promise<Record<string, unknown> | undefined> => {
    const { Invocation } = await server.call("DescribeInvocationResults", { InvokeId: invokeId });
    return (Invocation as { InvocationResults: { InvocationResult: Record<string, unknown>[] } }).InvocationResults
      .InvocationResult[0];
  };
  await waitFor(async () => (await result())?.["InvocationStatus"] === "Error", {
    withinMs: 20_000,
    what: "the bound to pass",
  });
  expect((await result())?.["ErrorInfo"]).toMatch(/^outcome unknown/);
  agent.finish({ invokeId, iteration: 1 }, exited(0)); // too late
  await waitFor(() => agent.held.size === 0, { what: "the late end to be let go" });
  expect((await result())?.["InvocationStatus"]).toBe("Error");
  await agent.cut();
  await server.close();
});

test("a job is done again after a failure, and not after the end", async () => {
  const clock = new ManualClock();
  const lines: string[] = [];
  const log = createLog("error", { write: (line) => void lines.push(line) });
  const stop = new AbortController();
  let runs = 0;
  const done = periodically(
    { clock, log },
    "test",
    1000,
    async () => {
      runs++;
      if (runs === 2) throw new Error("the disk is full");
    },
    stop.signal,
  );
  await clock.advance(3_500);
  expect(runs).toBe(3);
  expect(lines.filter((line) => line.includes("the disk is full"))).toHaveLength(1);
  stop.abort();
  await done;
  expect(clock.pending).toBe(0);
});
