import type { Finding } from "@cloud-assistant/agent/doctor/finding";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCli } from "../support/cli.ts";
import { startCliStack, type CliAgent, type CliStack } from "../support/cli-stack.ts";

let stack: CliStack;
let agent: CliAgent;
beforeAll(async () => {
  stack = await startCliStack(1);
  agent = stack.agents[0] as CliAgent;
});
afterAll(() => stack.close());

async function examine(
  stateDir: string,
): Promise<{ exitCode: number | null; verdicts: Record<string, string>; findings: Finding[] }> {
  const { exitCode, stdout } = await runCli(["agent", "doctor", "--state-dir", stateDir, "--json"]);
  const findings = JSON.parse(stdout.toString()) as Finding[];
  return { exitCode, findings, verdicts: Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict])) };
}

test("a connected host is well", async () => {
  const { exitCode, findings, verdicts } = await examine(agent.stateDir);
  expect(verdicts).toMatchObject({
    identity: "ok",
    agent: "ok",
    server: "ok",
    certificate: "skipped",
    clock: "ok",
    programs: "ok",
  });
  expect(Object.keys(verdicts)).toEqual([
    "identity",
    "agent",
    "server",
    "certificate",
    "clock",
    "disk",
    "programs",
    "cgroup",
    "users",
    "containers",
  ]);
  expect(
    findings.filter(
      ({ verdict, advice }) => (verdict === "warning" || verdict === "failed") !== (advice !== undefined),
    ),
  ).toEqual([]);
  expect(exitCode).toBe(0);
});

test("without an identity it says how to register, and examines the rest", async () => {
  const { exitCode, verdicts } = await examine(join(stack.directory, "nobody"));
  expect(verdicts).toMatchObject({ identity: "failed", programs: "ok" });
  expect(verdicts).not.toHaveProperty("server");
  expect(exitCode).toBe(1);
});

test("a server with another key than at registration, and one that is away, are told apart", async () => {
  const file = join(agent.stateDir, "identity.json");
  const identity = readFileSync(file, "utf8");
  const other = Buffer.alloc(32, 7).toString("base64");
  writeFileSync(file, identity.replace(/"serverPublicKey": "[^"]*"/, `"serverPublicKey": "${other}"`));
  expect((await examine(agent.stateDir)).findings).toContainEqual({
    check: "server",
    verdict: "failed",
    found: expect.stringContaining("but this host was registered with sha256:"),
    advice: expect.stringContaining("register this host anew"),
  });
  writeFileSync(file, identity.replace(/"server": "[^"]*"/, '"server": "http://127.0.0.1:9"'));
  const away = await runCli(["agent", "doctor", "--state-dir", agent.stateDir]);
  expect(away.stdout.toString()).toContain(
    "failed   server       nobody listens at http://127.0.0.1:9\n                      → start the control plane",
  );
  expect(away.exitCode).toBe(1);
  writeFileSync(file, identity);
});
