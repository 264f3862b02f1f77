import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readStat } from "@cloud-assistant/agent/launch/procfs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeStateDir, openHost, stopOf, taskOf, type Host } from "./host.ts";

const PROGRAM = join(import.meta.dirname, "..", "fixtures", "programs", "tree.sh");
/** The long form of the campaign asks for 200. */
const REPEATS = Number(process.env["CAMPAIGN_REPEATS"] ?? 5);

const state = makeStateDir();
let host: Host;
let bare: Host;
beforeAll(async () => {
  host = await openHost(state.path, { graceMs: 50 });
  bare = await openHost(`${state.path}-bare`, { graceMs: 50, useCgroups: false });
});
afterAll(async () => {
  await host.engine.close();
  await bare.engine.close();
  state.remove();
});

/** Of the processes that wrote their pids into the file, those that live. */
function living(tag: string): number[] {
  const pids = readFileSync(tag, "utf8").trim().split("\n").map(Number);
  return pids.filter((pid) => readStat(pid)?.zombie === false);
}

function kill(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, "SIGKILL");
}

describe.runIf(existsSync("/sys/fs/cgroup"))("with cgroups", () => {
  test(`nothing of a tree is alive after a stop, ${REPEATS} times`, { timeout: 10_000 + REPEATS * 5_000 }, async () => {
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const tag = join(state.base, `stop-${repeat}`);
      const order = taskOf(`exec sh ${PROGRAM} ${tag} hide`, { terminationMode: "ProcessTree" });
      await host.engine.take(order, false);
      await host.printed(order, "ready");
      await host.engine.take(stopOf(order), false);
      const { end } = await host.ended(order);
      expect(end).toMatchObject({ how: "stopped", exitCode: 137, kill: { means: "cgroup", left: 0 } });
      expect(end.how === "stopped" && end.kill?.killed).toBe(6);
      expect(living(tag)).toEqual([]);
    }
  });

  test(`nothing of a tree is alive after its timeout, ${REPEATS} times`, { timeout: 10_000 + REPEATS * 5_000 }, async () => {
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const tag = join(state.base, `timeout-${repeat}`);
      const { end, startedMs = 0 } = await host.run(
        taskOf(`exec sh ${PROGRAM} ${tag} hide`, { terminationMode: "ProcessTree", timeoutSeconds: 1 }),
      );
      expect(end).toMatchObject({ how: "timedOut", exitCode: 137, startedMs, finishedMs: startedMs + 1_000, kill: { means: "cgroup", left: 0 } });
      expect(living(tag)).toEqual([]);
    }
  });
});

test("without cgroups all but the double fork with a cleared environment is ended, and the means are told", async () => {
  const tag = join(state.base, "bare");
  const order = taskOf(`exec sh ${PROGRAM} ${tag}`, { terminationMode: "ProcessTree" });
  await bare.engine.take(order, false);
  await bare.printed(order, "ready");
  await bare.engine.take(stopOf(order), false);
  const { end } = await bare.ended(order);
  expect(end).toMatchObject({ how: "stopped", exitCode: 137, kill: { means: "marker", left: 0 } });
  expect(living(tag)).toEqual([]);
});

test("a child that cleared its environment but is a descendant still is ended without cgroups too", async () => {
  const tag = join(state.base, "descendant");
  const order = taskOf(`env -i setsid sh -c 'echo $$ >${tag}; exec sleep 1000' & while [ ! -e ${tag} ]; do sleep 0.01; done; echo ready; wait`, { terminationMode: "ProcessTree" });
  await bare.engine.take(order, false);
  await bare.printed(order, "ready");
  await bare.engine.take(stopOf(order), false);
  expect((await bare.ended(order)).end).toMatchObject({ how: "stopped", kill: { means: "marker", left: 0 } });
  expect(living(tag)).toEqual([]);
});

test("with Process only the script itself is ended", async () => {
  const tag = join(state.base, "process");
  const order = taskOf(`exec sh ${PROGRAM} ${tag}`, { terminationMode: "Process" });
  await host.engine.take(order, false);
  await host.printed(order, "ready");
  await host.engine.take(stopOf(order), false);
  const { end } = await host.ended(order);
  expect(end).toMatchObject({ how: "stopped", exitCode: 137, kill: { means: "process", killed: 1, left: 0 } });
  const left = living(tag);
  expect(left).toHaveLength(4);
  kill(left);
});

test("a script that ends on SIGTERM keeps its own exit code, and the first reason is the one told", async () => {
  const patient = await openHost(`${state.path}-patient`, { graceMs: 60_000 });
  const order = taskOf("trap 'kill $!; echo bye; exit 3' TERM; sleep 1000 & echo ready; wait");
  await patient.engine.take(order, false);
  await patient.printed(order, "ready");
  await Promise.all([patient.engine.take(stopOf(order), false), patient.engine.take(stopOf(order), false)]);
  const { end, output } = await patient.ended(order);
  await patient.engine.close();
  expect(end).toMatchObject({ how: "stopped", exitCode: 3, kill: { means: "process", killed: 1, left: 0 } });
  expect(output.toString()).toBe("ready\nbye\n");
});

test("a stop after the end changes nothing", async () => {
  const order = taskOf("exit 4");
  await host.run(order);
  await host.engine.take(stopOf(order), false);
  expect(host.server.of(order.invokeId).end).toMatchObject({ how: "exited", exitCode: 4 });
});
