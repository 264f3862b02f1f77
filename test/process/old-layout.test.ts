// State directories of agents before there was a ledger. Their runs are started by the helper they had.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBootId } from "@cloud-assistant/agent/launch/procfs";
import type { TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import { afterEach, expect, test } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { makeStateDir, openHost, Server, taskOf, type Host } from "./host.ts";

const HELPER = readFileSync(join(import.meta.dirname, "..", "fixtures", "old-state", "agent-helper-1.sh"), "utf8");
const MARK = "0123456789abcdef";
const END_ROOM = 4096;

const cleanUp: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).toReversed()) await clean();
});

function oldState(): { readonly base: string; readonly path: string } {
  const state = makeStateDir();
  cleanUp.push(state.remove);
  mkdirSync(join(state.path, "runs"), { recursive: true, mode: 0o711 });
  writeFileSync(join(state.path, "finished"), "");
  writeFileSync(join(state.path, "ledger-id"), "an-old-one");
  return state;
}

async function open(stateDir: string, server = new Server()): Promise<Host> {
  const host = await openHost(stateDir, { server });
  cleanUp.push(() => host.engine.close());
  return host;
}

const LAUNCH = {
  user: { name: "root", uid: 0, gid: 0, home: "/root", shell: "/bin/sh" },
  userSwitch: "none",
  cwd: "/",
  interpreter: "/bin/sh",
  argument: "",
};

/** The directory as it was made for an accepted run. */
function accept(stateDir: string, order: TaskOrder, more: object = { launch: LAUNCH }): string {
  const directory = join(stateDir, "runs", `${order.invokeId}.1`);
  mkdirSync(join(directory, "script"), { recursive: true, mode: 0o711 });
  writeFileSync(join(directory, "script", "run"), Buffer.from(order.content, "base64"), { mode: 0o400 });
  for (const [name, text] of [
    ["status", "accepted\n"],
    ["running", "\n"],
    ["stop", "\n"],
    ["end.json", " ".repeat(END_ROOM)],
  ] as const) {
    writeFileSync(join(directory, name), text, { mode: 0o600 });
  }
  const record = { order, bootId: readBootId(), mark: MARK, marker: `${order.invokeId}:x`, ...more };
  writeFileSync(join(directory, "task.json"), JSON.stringify(record), { mode: 0o600 });
  return directory;
}

/** Tells the old helper of the runs and goes away, as an agent that dies. */
async function startAndDie(directories: readonly string[]): Promise<void> {
  const helper = spawn("/bin/sh", ["-c", HELPER, "helper", "67108864", "128", "8388608"], {
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
    env: { PATH: process.env["PATH"], LANG: "C.UTF-8" },
  });
  for (const directory of directories) {
    helper.stdin.write(
      `${[directory, "", "none", "root", 0, 0, "/root", "/bin/sh", "/", "/bin/sh", "", MARK, "marker", "go"].join("\n")}\n`,
    );
  }
  helper.stdin.end();
  await once(helper, "exit");
  for (const directory of directories)
    await waitFor(() => /^pid /m.test(readFileSync(join(directory, "status"), "utf8")));
}

test("runs in flight go on under their old supervisors, and are told as they end", async () => {
  const { base, path } = oldState();
  const scripts = [0, 7].map((code) =>
    taskOf(
      `echo line >>${base}/count-${code}; echo one; while [ ! -e ${base}/go ]; do sleep 0.01; done; seq 1 20000; exit ${code}`,
    ),
  );
  await startAndDie(scripts.map((order) => accept(path, order)));
  const host = await open(path);
  expect(host.engine.ledgerId).toBe("an-old-one");
  for (const order of scripts) await host.engine.take(order, false); // as it comes when the acknowledgement was lost
  writeFileSync(join(base, "go"), "");
  const expected = `one\n${Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join("")}`;
  for (const [index, order] of scripts.entries()) {
    const { end, output } = await host.ended(order);
    expect(end).toMatchObject({ how: "exited", exitCode: [0, 7][index] });
    expect(output.toString()).toBe(expected);
    expect(readFileSync(`${base}/count-${[0, 7][index]}`, "utf8")).toBe("line\n");
  }
  await waitFor(() => host.engine.held().length === 0);
  expect(readdirSync(join(path, "runs"))).toEqual([]);
  expect(existsSync(join(path, "finished"))).toBe(false);
});

test("a run that ended while no agent was there is told with its output", async () => {
  const { path } = oldState();
  const order = taskOf("echo out; exit 3");
  const directory = accept(path, order);
  await startAndDie([directory]);
  await waitFor(() => readFileSync(join(directory, "status"), "utf8").includes("exit 3\n"));
  const { end, output } = await (await open(path)).ended(order);
  expect(end).toMatchObject({ how: "exited", exitCode: 3 });
  expect(output.toString()).toBe("out\n");
});

test("an end that was not sent is sent, with its output", async () => {
  const { path } = oldState();
  const order = taskOf("echo out");
  const directory = accept(path, order);
  const end = { how: "exited", exitCode: 9, startedMs: 1, finishedMs: 2 } as const;
  writeFileSync(join(directory, "claim"), "1 1\n");
  writeFileSync(join(directory, "out.0"), `out\n${MARK}`);
  writeFileSync(join(directory, "end.json"), JSON.stringify({ end, outputBytes: 4 }).padEnd(END_ROOM));
  const told = await (await open(path)).ended(order);
  expect([told.end, told.output.toString()]).toEqual([end, "out\n"]);
  await waitFor(() => readdirSync(join(path, "runs")).length === 0);
});

test("what this host could not run is told so", async () => {
  const { path } = oldState();
  const order = taskOf("exit 0");
  const end = {
    how: "invalid",
    errorCode: "AccountNotExists",
    errorInfo: "the specified account does not exists",
  } as const;
  accept(path, order, { end });
  expect((await (await open(path)).ended(order)).end).toEqual(end);
});

test("a run that nobody had claimed is started once, whatever was cut off before", async () => {
  const { base, path } = oldState();
  const order = taskOf(`echo line >>${base}/count; exit 4`);
  const directory = accept(path, order);
  const before = join(base, "before");
  cpSync(path, before, { recursive: true });
  const silent = new Server();
  silent.answering = false;
  const first = await open(path, silent);
  await waitFor(
    () => existsSync(join(directory, "status")) && readFileSync(join(directory, "status"), "utf8").includes("exit 4\n"),
  );
  await first.engine.close();
  expect((await (await open(path)).ended(order)).end).toMatchObject({ how: "exited", exitCode: 4 });
  expect(readFileSync(join(base, "count"), "utf8")).toBe("line\n");
  // cut off right before the last step, and done again
  const again = taskOf(`echo line >>${base}/count; exit 4`);
  accept(before, again);
  await (await openHost(before, { server: silent, maxRuns: 0 })).engine.close();
  writeFileSync(join(before, "finished"), "");
  expect((await (await open(before)).ended(again)).end).toMatchObject({ how: "exited", exitCode: 4 });
});

test("a stop that was taken is carried out", async () => {
  const { path } = oldState();
  const [running, waiting] = [taskOf("exec sleep 1000"), taskOf("exec sleep 1000")] as const;
  const directory = accept(path, running);
  await startAndDie([directory]);
  writeFileSync(join(directory, "stop"), "stop\n");
  writeFileSync(join(accept(path, waiting), "stop"), "stop\n");
  const host = await open(path);
  expect((await host.ended(running)).end).toMatchObject({ how: "stopped", exitCode: 143 });
  expect((await host.ended(waiting)).end).toEqual({ how: "refused", reason: "cancelled" });
});

test("what was finished never runs again, and what was not acknowledged is told", async () => {
  const { base, path } = oldState();
  const [over, refused, damaged] = [0, 1, 2].map((n) => taskOf(`echo line >>${base}/count-${n}`)) as [
    TaskOrder,
    TaskOrder,
    TaskOrder,
  ];
  const end = { how: "exited", exitCode: 5, startedMs: 1, finishedMs: 2 } as const;
  const expiresMs = Date.now() + 3_600_000;
  const lines = [
    { run: `${over.invokeId}.1`, expiresMs, end, outputBytes: 0, acknowledged: true },
    {
      run: `${refused.invokeId}.1`,
      expiresMs,
      end: { how: "refused", reason: "expired" },
      outputBytes: 0,
      acknowledged: false,
    },
  ];
  writeFileSync(join(path, "finished"), `${lines.map((line) => JSON.stringify(line)).join("\n")}\n{"run":"t-cut`);
  accept(path, over); // its directory was to go next
  writeFileSync(join(accept(path, damaged), "task.json"), "{");
  const host = await open(path);
  expect((await host.ended(refused)).end).toEqual({ how: "refused", reason: "expired" });
  expect((await host.run(over)).end).toEqual(end);
  await expect(host.engine.take(damaged, false)).rejects.toThrow("damaged");
  expect(readdirSync(base).filter((name) => name.startsWith("count"))).toEqual([]);
});
