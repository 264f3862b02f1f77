import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readStat } from "@cloud-assistant/agent/launch/procfs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { campaignRepeats } from "../support/campaign.ts";
import { makeStateDir, openHost, stopOf, taskOf, type Host } from "./host.ts";

const PROGRAM = join(import.meta.dirname, "..", "fixtures", "programs", "tree.sh");
const REPEATS = campaignRepeats(5);
/** Trees that wait for their timeout together. */
const AT_ONCE = 5;

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

/** The tree with a cleared-environment double fork needs a cgroup to be ended whole. */
const MEANS = [
  { means: "cgroup", usable: existsSync("/sys/fs/cgroup"), hide: "hide", processes: 6, hostOf: () => host },
  { means: "marker", usable: true, hide: "", processes: 5, hostOf: () => bare },
] as const;
describe.each(MEANS.filter(({ usable }) => usable))("a tree ended by $means", ({ means, hide, processes, hostOf }) => {
  const timeout = 10_000 + REPEATS * 5_000;

  test(`is gone after a stop, ${REPEATS} times`, { timeout }, async () => {
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const tag = join(state.base, `stop-${means}-${repeat}`);
      const order = taskOf(`exec sh ${PROGRAM} ${tag} ${hide}`, { terminationMode: "ProcessTree" });
      await hostOf().engine.take(order, false);
      await hostOf().printed(order, "ready");
      await hostOf().engine.take(stopOf(order), false);
      const { end } = await hostOf().ended(order);
      expect(end).toMatchObject({ how: "stopped", exitCode: 137, kill: { means, killed: processes, left: 0 } });
      expect(living(tag)).toEqual([]);
    }
  });

  test(`is gone after its timeout, ${REPEATS} times`, { timeout }, async () => {
    const timeoutSeconds = 2; // within which the tree is whole
    const runOne = async (tag: string): Promise<void> => {
      const task = taskOf(`exec sh ${PROGRAM} ${tag} ${hide}`, { terminationMode: "ProcessTree", timeoutSeconds });
      const { end, startedMs = 0 } = await hostOf().run(task);
      const times = { startedMs, finishedMs: startedMs + timeoutSeconds * 1_000 };
      expect(end).toMatchObject({
        how: "timedOut",
        exitCode: 137,
        ...times,
        kill: { means, killed: processes, left: 0 },
      });
      expect(living(tag)).toEqual([]);
    };
    for (let done = 0; done < REPEATS; done += AT_ONCE) {
      const tags = Array.from({ length: Math.min(AT_ONCE, REPEATS - done) }, (_, index) =>
        join(state.base, `timeout-${means}-${done + index}`),
      );
      await Promise.all(tags.map(runOne));
    }
  });
});

test("a child that cleared its environment but is a descendant still is ended without cgroups too", async () => {
  const tag = join(state.base, "descendant");
  const order = taskOf(
    `env -i setsid sh -c 'echo $$ >${tag}; exec sleep 1000' & while [ ! -e ${tag} ]; do sleep 0.01; done; echo ready; wait`,
    { terminationMode: "ProcessTree" },
  );
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
