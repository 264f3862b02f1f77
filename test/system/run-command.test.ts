import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runAgent, type Agent } from "@cloud-assistant/agent/main";
import { createLog } from "@cloud-assistant/control-plane/log";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestControlPlane, type TestControlPlane } from "../support/control-plane.ts";

let controlPlane: TestControlPlane;
let agent: Agent;
let instanceId: string;
const stateDir = mkdtempSync(join(tmpdir(), "agent-"));

beforeAll(async () => {
  controlPlane = await startTestControlPlane();
  instanceId = await controlPlane.register(stateDir);
  agent = await runAgent({ stateDir, log: createLog(process.env["TEST_LOG"] ?? "silent"), graceMs: 300 });
});
afterAll(async () => {
  await agent.close();
  await controlPlane.close();
  rmSync(stateDir, { recursive: true });
});

async function only(script: string, parameters: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const [result] = await controlPlane.results(await controlPlane.run([instanceId], script, parameters));
  return { ...result, Text: Buffer.from(String(result?.["Output"]), "base64").toString() };
}

test("a script runs on the host, and its exit code and output come back", async () => {
  expect(await only("echo hello; echo oops >&2; exit 3")).toMatchObject({
    InvocationStatus: "Failed",
    ExitCode: 3,
    ErrorCode: "ExitCodeNonzero",
    Text: "hello\noops\n",
  });
  expect(await only("printf 'a\\000b'")).toMatchObject({ InvocationStatus: "Success", ExitCode: 0, Text: "a\0b" });
  expect(await only(":")).toMatchObject({ InvocationStatus: "Success", Text: "", Dropped: 0 });
});

test("output beyond 24 KB keeps head and tail, and counts the rest", async () => {
  const result = await only("head -c 5000000 /dev/zero | tr '\\0' x");
  expect(result).toMatchObject({ InvocationStatus: "Success", Dropped: 5_000_000 - 24_576 });
  expect(String(result["Text"])).toBe("x".repeat(24_576));
});

test("a shebang, a directory, /dev/stdout and placeholders work", async () => {
  const script =
    "#!/bin/sh -e\necho first\necho x > /dev/stdout\necho y > /dev/stderr\necho z > /dev/fd/1\npwd\necho {{ACS::InstanceId}} {{who}}\nfalse\necho never";
  const result = await only(script, {
    WorkingDir: "/usr",
    EnableParameter: true,
    Parameters: JSON.stringify({ who: "Jack" }),
  });
  expect(result).toMatchObject({ ExitCode: 1, Text: `first\nx\ny\nz\n/usr\n${instanceId} Jack\n` });
});

test("what this host cannot run is Invalid and never ran", async () => {
  expect(await only("echo", { Username: "nobody-of-that-name" })).toMatchObject({
    InvocationStatus: "Invalid",
    ErrorCode: "AccountNotExists",
  });
  expect(await only("echo", { WorkingDir: "/not/there" })).toMatchObject({
    InvocationStatus: "Invalid",
    ErrorCode: "DirectoryNotExists",
  });
});

test("a launcher runs the script, and one that is not there says so", async () => {
  const launched = await only("x=7", {
    Launcher: `sh -c '. {{ACS::ScriptFileName|Ext(".inc")}}; echo $x "$1"' sh "a  b"`,
  });
  expect(launched).toMatchObject({ ExitCode: 0, Text: "7 a  b\n" });
  expect(await only("echo ran", { Launcher: "no-such-program -u" })).toMatchObject({
    InvocationStatus: "Error",
    ErrorCode: "LauncherNotFound",
    ErrorInfo: "the launcher's program no-such-program was not found on this host, or cannot be executed",
    Output: "",
  });
});

test.each([
  { ContainerName: "web" },
  { ContainerId: "a".repeat(64) },
  { Frequency: "rate(5m)" },
  { RepeatMode: "EveryReboot" },
  { RepeatMode: "NextRebootOnly" },
])("what this agent cannot do yet is Invalid, and nothing is run: %j", async (parameters) => {
  const [result] = await controlPlane.results(await controlPlane.run([instanceId], "echo ran", parameters));
  expect(result).toMatchObject({ InvocationStatus: "Invalid", ErrorCode: "ClientNeedUpgrade", Output: "", Repeats: 0 });
  expect(result?.["ErrorInfo"]).toMatch(/^the aliyun service in the instance need upgrade: it cannot run a script /);
});

test("a timeout ends the whole tree and says what was killed", async () => {
  const script =
    "trap '' TERM\n(setsid sh -c 'trap \"\" TERM; while :; do sleep 7.71; done' &)\nwhile :; do sleep 7.71; done";
  const result = await only(script, { Timeout: 1, TerminationMode: "ProcessTree" });
  expect(result).toMatchObject({ InvocationStatus: "Timeout", ErrorCode: "ExecutionTimeout" });
  expect(String(result["ErrorInfo"])).toMatch(/killed \d+, left 0, by (cgroup|marker)/);
});

test("StopInvocation ends a running script", async () => {
  const invokeId = await controlPlane.run([instanceId], "echo on; exec sleep 600", { TerminationMode: "ProcessTree" });
  await controlPlane.call("StopInvocation", { InvokeId: invokeId });
  const [result] = await controlPlane.results(invokeId);
  expect(["Terminated", "Cancelled"]).toContain(result?.["InvocationStatus"]);
});

test("a child that keeps stdout open does not delay the result", async () => {
  const startedMs = performance.now();
  expect(await only("sleep 30 & echo done")).toMatchObject({ InvocationStatus: "Success", Text: "done\n" });
  expect(performance.now() - startedMs).toBeLessThan(20_000);
});

test("many runs at once each keep their own output", async () => {
  const ids = await Promise.all(
    Array.from({ length: 30 }, (_, index) => controlPlane.run([instanceId], `echo ${index}; exit ${index}`)),
  );
  const results = await Promise.all(ids.map((id) => controlPlane.results(id)));
  expect(
    results.map(([result]) => [result?.["ExitCode"], Buffer.from(String(result?.["Output"]), "base64").toString()]),
  ).toEqual(Array.from({ length: 30 }, (_, index) => [index, `${index}\n`]));
});
