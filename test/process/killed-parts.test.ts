import { existsSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { listProcesses, readStat } from "@cloud-assistant/agent/launch/procfs";
import { afterEach, describe, expect, test } from "vitest";
import { campaignRepeats } from "../support/campaign.ts";
import { waitFor } from "../support/wait-for.ts";
import { helperOf } from "./helper-processes.ts";
import { makeStateDir, openHost, stopOf, taskOf, type Host } from "./host.ts";

const cleanUp: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).toReversed()) await clean();
});

async function openClean(): Promise<Host & { readonly base: string }> {
  const state = makeStateDir();
  const host = await openHost(state.path);
  cleanUp.push(state.remove, () => host.engine.close());
  return { ...host, base: state.base };
}

type Part = "claimed" | "pid" | "writer";
async function pidOf(host: Host, invokeId: string, part: Part): Promise<number> {
  const file = join(host.stateDir, "runs", `${invokeId}.1`, "status");
  return await waitFor(() => Number(new RegExp(`^${part} (\\d+)`, "m").exec(readFileSync(file, "utf8"))?.[1]));
}

describe("killed", { repeats: campaignRepeats(1) - 1 }, () => {
  test("a killed supervisor: the script is ended, the run is interrupted, its output is kept", async () => {
    const host = await openClean();
    const order = taskOf("(setsid sleep 1000 &); echo before; exec sleep 1000", { terminationMode: "ProcessTree" });
    await host.engine.take(order, false);
    await host.printed(order, "before");
    const script = await pidOf(host, order.invokeId, "pid");
    process.kill(await pidOf(host, order.invokeId, "claimed"), "SIGKILL");
    const { end, output } = await host.ended(order);
    expect(end).toMatchObject({ how: "failed", errorCode: "ExecutionInterrupted", kill: { killed: 2, left: 0 } });
    expect(output.toString()).toBe("before\n");
    expect(readStat(script)?.zombie ?? true).toBe(true);
  });

  test("a killed writer: never a success", async () => {
    const host = await openClean();
    const order = taskOf(`echo before; while [ ! -e ${host.base}/go ]; do sleep 0.01; done; exit 0`);
    await host.engine.take(order, false);
    await host.printed(order, "before");
    const writer = await pidOf(host, order.invokeId, "writer");
    const drain = listProcesses().find(({ parent }) => parent === writer);
    process.kill(writer, "SIGKILL");
    if (drain) process.kill(drain.pid, "SIGKILL");
    await host.run(taskOf(`touch ${host.base}/go`));
    const { end, output } = await host.ended(order);
    expect(end).toMatchObject({ how: "failed", errorCode: "ExecutionInterrupted" });
    expect(output.toString()).toBe("before\n");
  });

  test("a writer killed while its copy goes on has lost nothing", async () => {
    const host = await openClean();
    const order = taskOf(`echo before; while [ ! -e ${host.base}/go ]; do sleep 0.01; done; echo after`);
    await host.engine.take(order, false);
    await host.printed(order, "before");
    process.kill(await pidOf(host, order.invokeId, "writer"), "SIGKILL");
    await host.run(taskOf(`touch ${host.base}/go`));
    const { end, output } = await host.ended(order);
    expect(end).toMatchObject({ how: "exited", exitCode: 0 });
    expect(output.toString()).toBe("before\nafter\n");
  });

  test("a killed helper: runs go on, another helper starts the next", async () => {
    const host = await openClean();
    const going = taskOf(`echo before; while [ ! -e ${host.base}/go ]; do sleep 0.01; done; exit 4`);
    await host.engine.take(going, false);
    await host.printed(going, "before");
    process.kill(helperOf(), "SIGKILL");
    const waiting = Array.from({ length: 5 }, (_, index) => taskOf(`echo line >>${host.base}/count-${index}`));
    await Promise.all(waiting.map((order) => host.engine.take(order, false)));
    for (const [index, order] of waiting.entries()) {
      expect((await host.ended(order)).end).toMatchObject({ how: "exited", exitCode: 0 });
      expect(readFileSync(`${host.base}/count-${index}`, "utf8")).toBe("line\n");
    }
    await host.run(taskOf(`touch ${host.base}/go`));
    expect((await host.ended(going)).end).toMatchObject({ how: "exited", exitCode: 4 });
  });

  test("a helper that stands still: a stop before the claim keeps the script from ever starting", async () => {
    const host = await openClean();
    const helper = helperOf();
    process.kill(helper, "SIGSTOP");
    cleanUp.push(() => {
      try {
        process.kill(helper, "SIGCONT");
      } catch {
        // it has ended
      }
    });
    await host.run(taskOf("exit 0")); // what it has prepared for one run
    const order = taskOf(`echo line >>${host.base}/count`);
    await host.engine.take(order, false);
    await host.engine.take(stopOf(order), false);
    expect((await host.ended(order)).end).toEqual({ how: "refused", reason: "cancelled" });
    process.kill(helper, "SIGCONT");
    const next = taskOf("exit 2");
    expect((await host.run(next)).end).toMatchObject({ how: "exited", exitCode: 2 });
    expect(existsSync(`${host.base}/count`)).toBe(false);
  });
});

test("a closed engine leaves no process, no open file and no cgroup of its own", async () => {
  const state = makeStateDir();
  const host = await openHost(state.path);
  await host.run(taskOf("exit 0"));
  const helper = helperOf();
  await waitFor(() => host.engine.held().length === 0);
  await host.engine.close();
  await waitFor(() => !existsSync(`/proc/${helper}`));
  const left = readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(state.path);
    } catch {
      return false; // closed meanwhile
    }
  });
  expect(left).toEqual([]);
  state.remove();
});
