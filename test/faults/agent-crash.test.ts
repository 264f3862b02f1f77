import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AGENT_STEPS, type AgentStep } from "@cloud-assistant/agent/steps";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { campaignSeeds } from "../support/campaign.ts";
import { startTestControlPlane, type TestControlPlane } from "../support/control-plane.ts";
import { readOutput } from "../support/read-output.ts";
import { integer, seededRandom } from "../support/random.ts";
import { waitFor } from "../support/wait-for.ts";
import { makeWorkload, timesRun, type Job } from "../support/workload.ts";

const JOBS = 20;
const PROGRAM = join(import.meta.dirname, "..", "support", "crashing-agent.ts");

const home = mkdtempSync(join(tmpdir(), "agent-crash-"));
let controlPlane: TestControlPlane;
beforeAll(async () => {
  controlPlane = await startTestControlPlane();
});
afterAll(async () => {
  await controlPlane.close();
  rmSync(home, { recursive: true, force: true });
});

function startAgent(stateDir: string, step: AgentStep | "never", count: number): ChildProcess {
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", PROGRAM, stateDir, step, String(count)], {
    stdio: ["ignore", "inherit", "inherit"],
  });
}

async function judge(invokeId: string, job: Job): Promise<void> {
  const [result] = await waitFor(() => controlPlane.results(invokeId), {
    withinMs: 60_000,
    what: `the end of ${job.name}`,
  });
  const output = await readOutput(controlPlane.target, invokeId);
  expect({ name: job.name, ...pick(result), times: timesRun(job), sameOutput: output.equals(job.output) }).toEqual({
    name: job.name,
    InvocationStatus: job.exitCode === 0 ? "Success" : "Failed",
    ExitCode: job.exitCode,
    times: 1,
    sameOutput: true,
  });
}

function pick(result: Record<string, unknown> | undefined): Record<string, unknown> {
  return { InvocationStatus: result?.["InvocationStatus"], ExitCode: result?.["ExitCode"] };
}

for (const [index, step] of AGENT_STEPS.entries()) {
  describe(`an agent killed at "${step}"`, () => {
    const directory = join(home, `step${index}`);
    const stateDir = join(directory, "state");
    let instanceId: string;
    beforeAll(async () => {
      mkdirSync(directory);
      instanceId = await controlPlane.register(stateDir);
    });

    // the same host all along, so that a round meets what the ones before it left behind
    test.each(campaignSeeds(1))("loses nothing and runs nothing twice (seed %i)", async (seed) => {
      const random = seededRandom(index * 1000 + seed);
      const round = join(directory, `round${seed}`);
      mkdirSync(round);
      const jobs = makeWorkload(index * 1000 + seed, JOBS, round);
      const invokeIds = await Promise.all(jobs.map((job) => controlPlane.run([instanceId], job.script)));
      const dying = startAgent(stateDir, step, integer(random, 1, 6));
      const [, signal] = (await once(dying, "exit")) as [number | null, string | null];
      expect(signal).toBe("SIGKILL");
      const living = startAgent(stateDir, "never", 0);
      const exited = once(living, "exit");
      onTestFinished(async () => {
        living.kill("SIGKILL");
        await exited;
      });
      // one after the other: many that ask at once would keep the machine busy with nothing but answers
      for (const [at, job] of jobs.entries()) await judge(String(invokeIds[at]), job);
    });
  });
}
