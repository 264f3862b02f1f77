import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { makeStateDir, openHost, stopOf, taskOf, type Host } from "./host.ts";

const state = makeStateDir();
let host: Host;
beforeAll(async () => {
  host = await openHost(state.path);
});
afterAll(async () => {
  await host.engine.close();
  state.remove();
});

test.for([
  ["exit 0", 0],
  ["exit 7", 7],
  ["exit 255", 255],
  ["kill -TERM $$", 143],
  ["kill -KILL $$", 137],
  ["kill -INT $$; exit 9", 130],
  ["kill -QUIT $$; exit 9", 131],
  ["no-such-command", 127],
  ["#!/bin/no-such-interpreter\necho hi", 127],
] as const)("%s ends with %i", async ([script, exitCode]) => {
  const { end } = await host.run(taskOf(script));
  expect(end).toMatchObject({ how: "exited", exitCode });
});

test("a script has its user's environment, the asked directory and no signal ignored", async () => {
  const order = taskOf("env; pwd; grep SigIgn /proc/self/status; umask; cat", { workingDir: "/tmp" });
  const { output, end } = await host.run(order);
  expect(end).toMatchObject({ how: "exited", exitCode: 0 });
  const lines = output.toString().split("\n");
  const said = ["HOME=/root", "USER=root", "LOGNAME=root", "PWD=/tmp", "/tmp", "SigIgn:\t0000000000000000", "0022"];
  expect(lines).toEqual(expect.arrayContaining(said));
  const names = lines.filter((line) => /^[A-Z_]+=/.test(line)).map((line) => line.split("=")[0]);
  expect(names.toSorted()).toEqual(["CLOUD_ASSISTANT_RUN", "HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "USER"]);
});

test("every way to write to the own output works and loses nothing written before", async () => {
  const { output } = await host.run(
    taskOf(
      "echo 1; echo 2 >/dev/stdout; echo 3 >/dev/stderr; echo 4 >/dev/fd/1; echo 5 >&2; echo 6 >>/dev/stdout; echo 7 | tee /dev/stderr",
    ),
  );
  expect(output.toString()).toBe("1\n2\n3\n4\n5\n6\n7\n7\n");
});

test("bytes come back as they were", async () => {
  const { output } = await host.run(taskOf("printf 'a\\000b\\377\\303'; printf '\\n\\n'"));
  expect(output).toEqual(Buffer.from([0x61, 0, 0x62, 0xff, 0xc3, 0x0a, 0x0a]));
  const none = await host.run(taskOf("exit 0"));
  expect(none.output).toHaveLength(0);
});

test("5 MB of output is whole", async () => {
  const { output, droppedBytes } = await host.run(taskOf("seq 1 700000"));
  const expected = Array.from({ length: 700_000 }, (_, index) => `${index + 1}\n`).join("");
  expect(droppedBytes).toBe(0);
  expect(output.equals(Buffer.from(expected))).toBe(true);
});

test("output is live", async () => {
  const fifo = join(state.base, "fifo");
  await host.run(taskOf(`mkfifo ${fifo}`));
  const order = taskOf(`echo first; read line < ${fifo}; echo $line`);
  await host.engine.take(order, false);
  await host.printed(order, "first");
  writeFileSync(fifo, "second\n");
  const { output } = await host.ended(order);
  expect(output.toString()).toBe("first\nsecond\n");
});

test("a shebang line chooses the interpreter, with one argument", async () => {
  const env = await host.run(taskOf("#!/usr/bin/env bash\necho ${BASH_VERSION:+bash}"));
  expect(env.output.toString()).toBe("bash\n");
  const shell = await host.run(taskOf("#! /bin/sh -e \nfalse\necho not reached"));
  expect(shell.end).toMatchObject({ how: "exited", exitCode: 1 });
  expect(shell.output).toHaveLength(0);
});

test("a background child that keeps stdout does not delay the end, and what it prints later is not the script's", async () => {
  const order = taskOf("(while [ ! -e go ]; do sleep 0.01; done; echo late; sleep 0.1) & echo done", {
    workingDir: state.base,
  });
  const { output, end } = await host.run(order);
  expect(end).toMatchObject({ how: "exited", exitCode: 0 });
  writeFileSync(join(state.base, "go"), "");
  expect(output.toString()).toBe("done\n");
});

test("a background child that prints without end does not delay the end either", async () => {
  const order = taskOf("yes & echo $! >pid; echo done", { workingDir: state.base });
  const { end } = await host.run(order);
  expect(end).toMatchObject({ how: "exited", exitCode: 0 });
  process.kill(Number(readFileSync(join(state.base, "pid"), "utf8")), "SIGKILL");
});

test("built-in parameters are filled in", async () => {
  const order = taskOf("echo '{{ACS::InstanceName}} <<ACS::InvokeId>>'", { enableParameter: true });
  const { output } = await host.run(order);
  expect(output.toString()).toBe(`host one ${order.invokeId}\n`);
});

test.for([
  [{ username: "no-such-user" }, "AccountNotExists"],
  [{ username: "0" }, "AccountNotExists"],
  [{ username: "$(id)" }, "AccountNotExists"],
  [{ username: "--help" }, "AccountNotExists"],
  [{ workingDir: "/no/such/directory" }, "DirectoryNotExists"],
  [{ workingDir: "/etc/passwd" }, "DirectoryNotExists"],
  [
    { enableParameter: true, content: Buffer.from("{{ACS::Nothing}}").toString("base64") },
    "InvalidSystemBuiltInParameter",
  ],
] as const)("%o never runs: %s", async ([more, errorCode]) => {
  const { end, startedMs } = await host.run(taskOf("echo ran", more));
  expect(end).toMatchObject({ how: "invalid", errorCode });
  expect(startedMs).toBeUndefined();
});

test("an order taken again, at once and after its end, runs once", async () => {
  const counted = join(state.base, "counted");
  const order = taskOf(`echo line >>${counted}`);
  await Promise.all([host.engine.take(order, false), host.engine.take(order, false), host.engine.take(order, true)]);
  await host.ended(order);
  await waitFor(() => host.engine.held().length === 0);
  await host.engine.take(order, false);
  await waitFor(() => host.server.of(order.invokeId).ends >= 2);
  expect(readFileSync(counted, "utf8")).toBe("line\n");
});

test("50 at once", async () => {
  const orders = Array.from({ length: 50 }, (_, index) => taskOf(`echo ${index}; exit ${index}`));
  await Promise.all(orders.map((order) => host.engine.take(order, false)));
  const ends = await Promise.all(orders.map((order) => host.ended(order, 60_000)));
  expect(ends.map(({ end, output }) => [end.how === "exited" && end.exitCode, output.toString()])).toEqual(
    orders.map((_, index) => [index, `${index}\n`]),
  );
});

test("an expired order is refused, a stop that comes first is remembered", async () => {
  const late = taskOf("echo ran");
  await host.engine.take(late, true);
  expect((await host.ended(late)).end).toEqual({ how: "refused", reason: "expired" });
  const stopped = taskOf("echo ran");
  await host.engine.take(stopOf(stopped), false);
  await host.engine.take(stopped, false);
  expect((await host.ended(stopped)).end).toEqual({ how: "refused", reason: "cancelled" });
});

test("nobody but root can list the directories or read what is in them", async () => {
  const order = taskOf("exec sleep 60");
  await host.engine.take(order, false);
  const directory = join(state.path, "runs", `${order.invokeId}.1`);
  await waitFor(() => readdirSync(directory).includes("status"));
  for (const path of [state.path, join(state.path, "runs"), directory]) expect(statSync(path).mode & 0o777).toBe(0o711);
  for (const name of readdirSync(directory)) {
    const file = statSync(join(directory, name));
    expect([name, file.mode & 0o777]).toEqual([name, file.isDirectory() ? 0o500 : 0o600]);
  }
  await host.engine.take(stopOf(order), false);
  expect((await host.ended(order)).end).toMatchObject({ how: "stopped", exitCode: 143 });
});

test("more than may run at once wait for their turn, and can be stopped meanwhile", async () => {
  const narrow = makeStateDir();
  const one = await openHost(narrow.path, { maxRuns: 1 });
  const [first, second, third] = [taskOf("exec sleep 60"), taskOf("echo second"), taskOf("echo third")] as const;
  for (const order of [first, second, third]) await one.engine.take(order, false);
  await waitFor(() => one.server.of(first.invokeId).startedMs);
  await one.engine.take(stopOf(second), false);
  expect((await one.ended(second)).end).toEqual({ how: "refused", reason: "cancelled" });
  expect(one.server.of(third.invokeId).startedMs).toBeUndefined();
  await one.engine.take(stopOf(first), false);
  expect((await one.ended(third)).output.toString()).toBe("third\n");
  await one.engine.close();
  narrow.remove();
});

test("nothing is left of runs that are over", async () => {
  await waitFor(() => host.engine.held().length === 0);
  expect(readdirSync(join(state.path, "runs"))).toEqual([]);
});
