import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@cloud-assistant/agent/clock";
import { registerAgent } from "@cloud-assistant/agent/register";
import { AGENT_STEPS } from "@cloud-assistant/agent/steps";
import { expect, onTestFinished, test } from "vitest";
import { startTestAgent, type AgentProgramOptions, type TestAgent } from "../support/agent.ts";
import { campaignSeeds } from "../support/campaign.ts";
import { FaultProxy } from "../support/fault-proxy.ts";
import { integer, seededRandom, type Random } from "../support/random.ts";
import { readOutput } from "../support/read-output.ts";
import { callApi } from "../support/server.ts";
import { startServerProcess } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";
import { makeWorkload, timesRun } from "../support/workload.ts";

const DEATHS = 6;
const JOBS = 20;
const SERVER_STEPS = ["order sent", "frame received", "frame committed", "frame acknowledged"] as const;
const FINAL = ["Success", "Failed", "Timeout", "Error", "Invalid", "Aborted", "Cancelled", "Terminated"];

function pick<T>(random: Random, from: readonly T[]): T {
  return from[integer(random, 0, from.length - 1)] as T;
}

/** The line between them loses, repeats and delays frames, and again and again whichever comes to its step first dies, then the other. */
test.each(campaignSeeds(2))(
  "both sides killed over a bad line lose nothing and run nothing twice (seed %i)",
  async (seed) => {
    const random = seededRandom(seed);
    const home = mkdtempSync(join(tmpdir(), "both-crash-"));
    const stateDir = join(home, "state");
    mkdirSync(join(home, "jobs"));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const server = await startServerProcess();
    onTestFinished(server.remove);
    const proxy = await FaultProxy.start({ target: server.target.endpoint, seed });
    onTestFinished(() => proxy.close());
    // oxlint-disable-next-line typescript/no-explicit-any -- an answer as the wire has it
    const call = (action: string, parameters: Record<string, unknown>): Promise<Record<string, any>> =>
      callApi(server.target, action, parameters);
    const { keyFingerprint } = JSON.parse(readFileSync(join(server.dataDir, "control-plane.json"), "utf8")) as {
      keyFingerprint: string;
    };
    const { ActivationId, ActivationCode } = await call("CreateActivation", {});
    const activation = { activationId: String(ActivationId), activationCode: String(ActivationCode) };
    const { instanceId } = await registerAgent({
      server: proxy.endpoint,
      serverKey: keyFingerprint,
      ...activation,
      stateDir,
      clock: systemClock,
    });
    const jobs = makeWorkload(seed, JOBS, join(home, "jobs"));
    const ids = await Promise.all(
      jobs.map(async ({ script }) => {
        const { InvokeId } = await call("RunCommand", {
          Type: "RunShellScript",
          InstanceId: [instanceId],
          CommandContent: script,
          DeliveryTimeout: 600,
        });
        return String(InvokeId);
      }),
    );
    const resultOf = async (invokeId: string): Promise<Record<string, unknown> | undefined> => {
      const { Invocation } = await call("DescribeInvocationResults", { InvokeId: invokeId });
      const [result] = Invocation.InvocationResults.InvocationResult as Record<string, unknown>[];
      return FINAL.includes(String(result?.["InvocationStatus"])) ? result : undefined;
    };
    for (const direction of ["toAgent", "toServer"] as const)
      proxy.setFaults(direction, { lose: 0.1, duplicate: 0.2, delay: 0.2, maxDelayMs: 50 });
    const start = (more: Pick<AgentProgramOptions, "dieAt"> = {}): TestAgent => {
      const started = startTestAgent({ stateDir, graceMs: 300, backoff: { baseMs: 20, capMs: 200 }, ...more });
      onTestFinished(started.kill);
      return started;
    };
    const settle = async (): Promise<Record<string, unknown>[]> => {
      const results: Record<string, unknown>[] = [];
      for (const id of ids)
        results.push(await waitFor(() => resultOf(id), { withinMs: 400_000, what: `the end of ${id}` }));
      return results;
    };
    const settled = settle();
    const settledOrNot = settled.catch(() => undefined);
    for (let deaths = 0; deaths < DEATHS; deaths++) {
      await server.kill();
      await server.start({ step: pick(random, SERVER_STEPS), nth: integer(random, 1, 15) });
      const agent = start({ dieAt: { step: pick(random, AGENT_STEPS), occurrence: integer(random, 1, 5) } });
      await Promise.race([agent.ended, server.gone(), settledOrNot]);
      await agent.kill();
    }
    await server.kill();
    await server.start();
    start();
    const results = await settled;
    const told = await Promise.all(
      jobs.map(async (job, at) => ({
        name: job.name,
        status: results[at]?.["InvocationStatus"],
        exitCode: results[at]?.["ExitCode"],
        times: timesRun(job),
        sameOutput: (await readOutput(server.target, String(ids[at]))).equals(job.output),
      })),
    );
    expect(told).toEqual(
      jobs.map(({ name, exitCode }) => ({
        name,
        status: exitCode === 0 ? "Success" : "Failed",
        exitCode,
        times: 1,
        sameOutput: true,
      })),
    );
  },
);
