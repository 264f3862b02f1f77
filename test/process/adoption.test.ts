import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isEnded, readLedger, toText } from "@cloud-assistant/agent/ledger-lines";
import { AGENT_STEPS } from "@cloud-assistant/agent/steps";
import type { TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import { afterEach, expect, test } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { makeStateDir, openHost, Server, stopOf, taskOf, type Host } from "./host.ts";

const cleanUp: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).toReversed()) await clean();
});

function place(): ReturnType<typeof makeStateDir> {
  const state = makeStateDir();
  cleanUp.push(state.remove);
  return state;
}

async function open(stateDir: string, server?: Server): Promise<Host> {
  const host = await openHost(stateDir, server ? { server } : {});
  cleanUp.push(() => host.engine.close());
  return host;
}

/** An engine in a process of its own takes the orders and is killed at the step. */
async function dieAt(stateDir: string, step: string, orders: readonly TaskOrder[], count = 1): Promise<void> {
  const program = join(import.meta.dirname, "dying-engine.ts");
  const dying = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", program, stateDir, step, String(count)],
    {
      stdio: ["pipe", "ignore", "inherit"],
    },
  );
  dying.stdin.on("error", () => undefined); // it may be dead by then
  dying.stdin.write(orders.map((order) => `${JSON.stringify(order)}\n`).join(""));
  const [, signal] = (await once(dying, "exit")) as [number | null, string | null];
  expect(signal).toBe("SIGKILL");
}

const ENGINE_STEPS = AGENT_STEPS.filter((step) => step !== "task received" && step !== "task acknowledged");
test.for(ENGINE_STEPS)('an agent killed at "%s" goes on: nothing runs twice, nothing is lost', async (step) => {
  const { path, base } = place();
  const orders = [0, 7, 3].map((code) => taskOf(`echo line >>${base}/count-${code}; seq 1 20000; exit ${code}`));
  await dieAt(path, step, orders, 2);
  const host = await open(path);
  // the control plane repeats what was not acknowledged, and has no end that was not acknowledged
  for (const order of orders) await host.engine.take(order, false);
  const expected = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join("");
  for (const [index, order] of orders.entries()) {
    const { end, output, bytes } = await host.ended(order);
    const exitCode = [0, 7, 3][index];
    expect(end).toMatchObject({ how: "exited", exitCode });
    expect(readFileSync(`${base}/count-${exitCode}`, "utf8")).toBe("line\n");
    expect(bytes).toBe(expected.length);
    // of a run whose end was acknowledged before the agent died the output is with the server it was acknowledged by
    expect(["", expected]).toContain(output.toString());
  }
  await waitFor(() => host.engine.held().length === 0);
  expect(readdirSync(join(path, "runs"))).toEqual([]);
});

test("a script goes on while no agent is there, and its output is read on from where the server is", async () => {
  const { path, base } = place();
  const first = await open(path);
  const order = taskOf(`echo one; while [ ! -e ${base}/go ]; do sleep 0.01; done; echo two; exit 5`);
  await first.engine.take(order, false);
  await first.printed(order, "one");
  await first.engine.close();
  writeFileSync(join(base, "go"), "");
  const statusFile = join(path, "runs", `${order.invokeId}.1`, "status");
  await waitFor(() => readFileSync(statusFile, "utf8").includes("exit 5\n"));
  const second = await open(path, first.server);
  const { end, output } = await second.ended(order);
  expect(end).toMatchObject({ how: "exited", exitCode: 5 });
  expect(output.toString()).toBe("one\ntwo\n");
});

test("a script found past its deadline is ended at once, as timed out", async () => {
  const { path } = place();
  const first = await open(path);
  const order = taskOf("exec sleep 1000", { timeoutSeconds: 1 });
  await first.engine.take(order, false);
  const startedMs = await waitFor(() => first.server.of(order.invokeId).startedMs);
  await first.engine.close();
  await waitFor(() => Date.now() > startedMs + 1_200);
  const foundMs = Date.now();
  const second = await open(path);
  const { end } = await second.ended(order);
  expect(end).toMatchObject({ how: "timedOut", exitCode: 143 });
  expect(end.how === "timedOut" && end.finishedMs).toBeGreaterThanOrEqual(foundMs - 50);
});

test("a script that ended after its deadline while no agent was there is timed out too, with its real end time", async () => {
  const { path } = place();
  const first = await open(path);
  const order = taskOf("sleep 1.3; exit 6", { timeoutSeconds: 1 });
  await first.engine.take(order, false);
  const startedMs = await waitFor(() => first.server.of(order.invokeId).startedMs);
  await first.engine.close();
  const statusFile = join(path, "runs", `${order.invokeId}.1`, "status");
  await waitFor(() => readFileSync(statusFile, "utf8").includes("exit 6\n"));
  const second = await open(path);
  const { end } = await second.ended(order);
  expect(end).toMatchObject({ how: "timedOut", exitCode: 6 });
  expect(end.how === "timedOut" && end.finishedMs - startedMs).toBeGreaterThan(1_250);
});

test("the original deadline is kept", async () => {
  const { path } = place();
  const first = await open(path);
  const order = taskOf("exec sleep 1000", { timeoutSeconds: 2 });
  await first.engine.take(order, false);
  const startedMs = await waitFor(() => first.server.of(order.invokeId).startedMs);
  await first.engine.close();
  const second = await open(path);
  const { end } = await second.ended(order);
  expect(end.how === "timedOut" && Math.abs(end.finishedMs - startedMs - 2_000)).toBeLessThanOrEqual(30);
});

test("a stop that was taken before the agent died is carried out by the next one", async () => {
  const { path } = place();
  const first = await open(path);
  const order = taskOf("trap '' TERM; echo ready; while :; do sleep 0.1; done");
  await first.engine.take(order, false);
  await first.printed(order, "ready");
  const stopping = first.engine.take(stopOf(order), false);
  await stopping;
  await first.engine.close();
  const second = await open(path);
  expect((await second.ended(order)).end).toMatchObject({ how: "stopped", exitCode: 137 });
});

/** What the ledger looks like after the host came up again. */
function reboot(stateDir: string): void {
  const file = join(stateDir, "ledger");
  const { lines } = readLedger(readFileSync(file));
  writeFileSync(file, toText(lines.map((line) => (isEnded(line) ? line : { ...line, bootId: "another" }))));
}

test("a run in flight when the host went down is InstanceRestarted", async () => {
  const { path } = place();
  const first = await open(path);
  const order = taskOf("echo before; exec sleep 1000");
  await first.engine.take(order, false);
  await first.printed(order, "before");
  const script = Number(
    /^pid (\d+)/m.exec(readFileSync(join(path, "runs", `${order.invokeId}.1`, "status"), "utf8"))?.[1],
  );
  await first.engine.close();
  process.kill(script, "SIGKILL");
  reboot(path);
  const second = await open(path);
  const { end, output } = await second.ended(order);
  expect(end).toMatchObject({ how: "failed", errorCode: "InstanceRestarted" });
  expect(output.toString()).toContain("before\n");
});

test("an accepted run that had not started when the host went down never starts", async () => {
  const { path, base } = place();
  const order = taskOf(`echo line >>${base}/never`);
  await dieAt(path, "task synced", [order]);
  reboot(path);
  const host = await open(path);
  expect((await host.ended(order)).end).toMatchObject({ how: "failed", errorCode: "InstanceRestarted" });
  expect(existsSync(join(base, "never"))).toBe(false);
});

test("a damaged run is left alone and keeps nobody from working; its order never runs", async () => {
  const { path, base } = place();
  const order = taskOf(`echo line >>${base}/count; exec sleep 1000`);
  await dieAt(path, "task synced", [order]);
  writeFileSync(join(path, "runs", `${order.invokeId}.1`, "task.json"), "{");
  const host = await open(path);
  await expect(host.engine.take(order, false)).rejects.toThrow("damaged");
  expect((await host.run(taskOf("exit 3"))).end).toMatchObject({ how: "exited", exitCode: 3 });
  expect(existsSync(join(base, "count"))).toBe(false);
});

test("a refusal is told again by the next agent until the server has it", async () => {
  const { path } = place();
  const server = new Server();
  server.answering = false;
  const first = await open(path, server);
  const order = taskOf("echo ran");
  await first.engine.take(stopOf(order), false);
  await first.engine.close();
  const second = await open(path);
  expect(second.server.of(order.invokeId).end ?? (await second.ended(order)).end).toEqual({
    how: "refused",
    reason: "cancelled",
  });
});
