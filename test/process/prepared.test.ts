// The processes that wait for the next run (helper.sh): killed before they are used, left behind, used for anybody's run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { systemClock } from "@cloud-assistant/agent/clock";
import { readStat } from "@cloud-assistant/agent/launch/procfs";
import { makePrivateKey, openPrivateKey, publicKeyOf } from "@cloud-assistant/agent/proof";
import { openSealed } from "@cloud-assistant/agent/sealed";
import { sealToHosts } from "@cloud-assistant/control-plane/actions/seal-to-hosts";
import type { Clock } from "@cloud-assistant/shared/clock";
import { afterEach, describe, expect, test } from "vitest";
import { campaignRepeats } from "../support/campaign.ts";
import { waitFor } from "../support/wait-for.ts";
import { commandOf, helpersOf, preparedBy, type Prepared } from "./helper-processes.ts";
import { INSTANCE_ID, makeStateDir, openHost, stopOf, taskOf, type Host } from "./host.ts";

const cleanUp: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).toReversed()) await clean();
});

async function openClean(options: Parameters<typeof openHost>[1] = {}): Promise<Host & { readonly base: string }> {
  const state = makeStateDir();
  const host = await openHost(state.path, options);
  cleanUp.push(state.remove, () => host.engine.close());
  return { ...host, base: state.base };
}

const PARTS = ["middle", "supervisor", "writer"] as const;

async function allPrepared(agent = process.pid): Promise<Prepared[]> {
  return await Promise.all(helpersOf(agent).map(preparedBy));
}

function gone(prepared: readonly Prepared[]): boolean {
  const pids = prepared.flatMap(({ middle, supervisor, writer }) => [middle, supervisor, writer]);
  return pids.every((pid) => readStat(pid)?.zombie ?? true);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

describe("prepared processes", { repeats: campaignRepeats(1) - 1 }, () => {
  test.for(PARTS)("the %s killed before it is used: the next runs run once", async (part) => {
    const host = await openClean();
    const prepared = await allPrepared();
    for (const one of prepared) process.kill(one[part], "SIGKILL");
    const orders = [0, 1, 2].map((code) => taskOf(`echo line >>${host.base}/count-${code}; echo out; exit ${code}`));
    await Promise.all(orders.map((order) => host.engine.take(order, false)));
    for (const [code, order] of orders.entries()) {
      const { end, output } = await host.ended(order);
      expect([end.how === "exited" && end.exitCode, output.toString()]).toEqual([code, "out\n"]);
      expect(readFileSync(`${host.base}/count-${code}`, "utf8")).toBe("line\n");
    }
    await waitFor(() => gone(prepared));
  });

  test.for(PARTS)("the %s killed while the order comes: it runs once, or is told as interrupted", async (part) => {
    const host = await openClean();
    const prepared = await allPrepared();
    const order = taskOf(`echo line >>${host.base}/count; exit 3`);
    await host.engine.take(order, false);
    for (const one of prepared) killIfThere(one[part]);
    const { end } = await host.ended(order);
    const lines = existsSync(`${host.base}/count`) ? readFileSync(`${host.base}/count`, "utf8") : "";
    const told = end.how === "exited" ? end.exitCode : end.how === "failed" && end.errorCode;
    expect([`3 after line\n`, "ExecutionInterrupted after line\n", "ExecutionInterrupted after "]).toContain(
      `${told} after ${lines}`,
    );
    expect((await host.run(taskOf("exit 5"))).end).toMatchObject({ how: "exited", exitCode: 5 });
  });

  test.for(["SIGKILL", "SIGTERM"] as const)(
    "an agent ended by %s leaves none behind, and its run goes on",
    async (signal) => {
      const state = makeStateDir();
      cleanUp.push(state.remove);
      const program = join(import.meta.dirname, "dying-engine.ts");
      const agent = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, state.path, "never"], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      const order = taskOf(`while [ ! -e ${state.base}/go ]; do sleep 0.05; done; exit 6`);
      agent.stdin.write(`${JSON.stringify(order)}\n`);
      const status = join(state.path, "runs", `${order.invokeId}.1`, "status");
      await waitFor(() => existsSync(status) && /^pid /m.test(readFileSync(status, "utf8")));
      const helpers = helpersOf(agent.pid);
      const prepared = await allPrepared(agent.pid);
      agent.kill(signal);
      await once(agent, "exit");
      await waitFor(() => gone(prepared) && !helpers.some((helper) => existsSync(`/proc/${helper}`)));
      const next = await openHost(state.path);
      cleanUp.push(() => next.engine.close());
      await next.run(taskOf(`touch ${state.base}/go`));
      expect((await next.ended(order)).end).toMatchObject({ how: "exited", exitCode: 6 });
    },
  );
});

test.runIf(userInfo().uid === 0)(
  "a process that was prepared while a run of root was the last runs for another user, and the other way round",
  async () => {
    const host = await openClean();
    for (const [username, uid] of [
      ["root", "0"],
      ["nobody", "65534"],
      ["root", "0"],
    ] as const) {
      const { output } = await host.run(taskOf("id -u; umask; pwd", { username, workingDir: "/" }));
      expect(output.toString()).toBe(`${uid}\n0022\n/\n`);
    }
  },
);

test("what nobody uses ends with the engine", async () => {
  const state = makeStateDir();
  cleanUp.push(state.remove);
  const host = await openHost(state.path);
  const prepared = await allPrepared();
  await host.engine.close();
  expect(await waitFor(() => gone(prepared))).toBe(true);
});

test("no process shows a secret, the end mark or the marker in its arguments", async () => {
  const key = openPrivateKey(makePrivateKey("x25519"));
  const host = await openClean({
    openSecrets: (sealed, invokeId) => openSealed(key, sealed, { invokeId, instanceId: INSTANCE_ID }),
  });
  const order = taskOf("value='{{oos-secret:pw}}'; echo ready; sleep 60", {
    enableParameter: true,
    username: userInfo().uid === 0 ? "nobody" : userInfo().username,
  });
  const secret = "canary-5f1c0e";
  await host.engine.take(
    {
      ...order,
      sealed: sealToHosts(order.invokeId, { "oos-secret:pw": secret }, [
        { instanceId: INSTANCE_ID, sealKey: publicKeyOf(key) },
      ]),
    },
    false,
  );
  await host.printed(order, "ready");
  const record = JSON.parse(readFileSync(join(host.stateDir, "runs", `${order.invokeId}.1`, "task.json"), "utf8")) as {
    mark: string;
    marker: string;
  };
  const commands = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandOf(Number(pid)));
  expect(commands.some((text) => text.includes(order.invokeId))).toBe(true); // the script's own: it was looked at in time
  for (const hidden of [secret, record.mark, record.marker])
    expect(commands.filter((text) => text.includes(hidden))).toEqual([]);
  await host.engine.take(stopOf(order), false);
  await host.ended(order);
});

test("runs one after the other are watched by one loop each", async () => {
  let sleeping = 0;
  const clock: Clock = {
    ...systemClock,
    sleep: (ms, signal) => (sleeping++, systemClock.sleep(ms, signal).finally(() => sleeping--)),
  };
  const host = await openClean({ clock });
  for (let round = 0; round < 10; round++) await host.run(taskOf("exit 0"));
  // what is to be said again, who is alive, what is to be followed, and the deadline of a run that is ending
  expect(sleeping).toBeLessThanOrEqual(4);
});
