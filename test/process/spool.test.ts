import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { makeStateDir, openHost, Server, stopOf, taskOf } from "./host.ts";

const SPOOL_BYTES = 4 * 1024 * 1024;
const cleanUp: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).toReversed()) await clean();
});

function spooledBytes(directory: string): number {
  return readdirSync(directory)
    .filter((name) => name.startsWith("out."))
    .reduce((sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** Largest offset in the spool. */
function printedBytes(directory: string): number {
  return Math.max(
    ...readdirSync(directory)
      .filter((name) => name.startsWith("out."))
      .map((name) => Number(name.slice(4))),
    0,
  );
}

test("a server that takes nothing: the bound holds, head and tail are kept, what was dropped is exact", async () => {
  const state = makeStateDir();
  const server = new Server();
  server.answering = false;
  const host = await openHost(state.path, { spoolMaxBytes: SPOOL_BYTES, server });
  cleanUp.push(state.remove, () => host.engine.close());
  const lines = 3_000_000;
  const order = taskOf(`seq 1 ${lines}; echo end`);
  await host.engine.take(order, false);
  const directory = join(state.path, "runs", `${order.invokeId}.1`);
  let most = 0;
  await waitFor(
    () => {
      most = Math.max(most, spooledBytes(directory));
      return host.engine.held().every(({ ended }) => ended);
    },
    { withinMs: 60_000 },
  );
  expect(most).toBeLessThanOrEqual(SPOOL_BYTES);
  expect(most).toBeGreaterThan(SPOOL_BYTES / 2);
  server.answering = true;
  server.connect(host.engine);
  const { end, bytes, droppedBytes, chunks } = await host.ended(order);
  expect(end).toMatchObject({ how: "exited", exitCode: 0 });
  const total = Buffer.from(Array.from({ length: lines }, (_, index) => `${index + 1}\n`).join("") + "end\n");
  expect(bytes).toBe(total.length);
  const kept = Buffer.concat(chunks);
  expect(kept.length + droppedBytes).toBe(total.length);
  const headBytes = kept.length - tailBytes(kept, total);
  expect(headBytes).toBeGreaterThan(100_000);
  expect(kept.subarray(0, headBytes).equals(total.subarray(0, headBytes))).toBe(true);
});

/** How many bytes at the end of both are the same. */
function tailBytes(kept: Buffer, total: Buffer): number {
  let same = 0;
  while (same < kept.length && kept[kept.length - 1 - same] === total[total.length - 1 - same]) same += 1;
  return same;
}

test("a script that prints without end while no agent is there fills no more than the bound", async () => {
  const state = makeStateDir();
  const first = await openHost(state.path, { spoolMaxBytes: SPOOL_BYTES });
  cleanUp.push(state.remove);
  const order = taskOf("exec yes");
  await first.engine.take(order, false);
  await waitFor(() => first.server.of(order.invokeId).startedMs);
  await first.engine.close();
  const directory = join(state.path, "runs", `${order.invokeId}.1`);
  let most = 0;
  await waitFor(
    () => {
      most = Math.max(most, spooledBytes(directory));
      return printedBytes(directory) > 5 * SPOOL_BYTES;
    },
    { withinMs: 60_000 },
  );
  expect(most).toBeLessThanOrEqual(SPOOL_BYTES);
  const second = await openHost(state.path, { spoolMaxBytes: SPOOL_BYTES, server: first.server });
  cleanUp.push(() => second.engine.close());
  await second.engine.take(stopOf(order), false);
  const { end, bytes, droppedBytes, chunks } = await second.ended(order);
  expect(end).toMatchObject({ how: "stopped", exitCode: 143 });
  expect(droppedBytes).toBeGreaterThan(0);
  expect(chunks.reduce((sum, { length }) => sum + length, 0) + droppedBytes).toBe(bytes);
});

test("a background child that prints without end after the script's end fills nothing and is not blocked", async () => {
  const state = makeStateDir();
  const server = new Server();
  server.acknowledgingEnds = false;
  const host = await openHost(state.path, { spoolMaxBytes: SPOOL_BYTES, server });
  cleanUp.push(state.remove, () => host.engine.close());
  const order = taskOf(`yes & echo $! >${state.base}/pid; echo done`);
  const { end } = await host.run(order);
  expect(end).toMatchObject({ how: "exited", exitCode: 0 });
  const pid = Number(readFileSync(join(state.base, "pid"), "utf8"));
  cleanUp.push(() => void process.kill(pid, "SIGKILL"));
  const written = (): number => Number(/wchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
  const before = written();
  await waitFor(() => written() > before + 4 * SPOOL_BYTES, { withinMs: 30_000 });
  expect(spooledBytes(join(state.path, "runs", `${order.invokeId}.1`))).toBeLessThanOrEqual(SPOOL_BYTES);
});

test("a server that was set back gets the output again", async () => {
  const state = makeStateDir();
  const server = new Server();
  server.acknowledgingEnds = false;
  const host = await openHost(state.path, { server });
  cleanUp.push(state.remove, () => host.engine.close());
  const order = taskOf("seq 1 1000");
  const { output } = await host.run(order);
  server.runs.delete(order.invokeId);
  server.connect(host.engine);
  expect((await host.ended(order)).output.equals(output)).toBe(true);
});
