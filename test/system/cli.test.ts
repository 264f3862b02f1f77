import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCliStack, toJson, type CliStack } from "../support/cli-stack.ts";
import { isRunning, runCli, startCli, type CliEnd } from "../support/cli.ts";
import { callApi } from "../support/server.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: CliStack;
beforeAll(async () => {
  stack = await startCliStack(2);
});
afterAll(() => stack.close());

const ids = (): string[] => stack.agents.map(({ instanceId }) => instanceId);
const run = (...args: string[]): Promise<CliEnd> => stack.cli(["run", "--instance", ids()[0] ?? "", ...args]);
const invokeIdOf = ({ stderr }: Pick<CliEnd, "stderr">): string => /t-[0-9a-z]+/.exec(stderr)?.[0] ?? "";
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

describe("server", () => {
  test("says in one line where it is, and leaves the same in its data directory", async () => {
    const { endpoint, keyFingerprint } = JSON.parse(
      readFileSync(join(stack.dataDir, "control-plane.json"), "utf8"),
    ) as Record<string, string>;
    const keyFile = join(stack.dataDir, "root-access-key.json");
    expect(stack.server().stdout()).toBe(
      `Control plane ready at ${endpoint}, key ${keyFingerprint}, root access key in ${keyFile}\n`,
    );
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  });

  test("refuses plain HTTP beyond this machine, unknown settings, and a second one in the same directory", async () => {
    const open = await runCli(["server", "--listen", "0.0.0.0:0", "--data-dir", join(stack.directory, "open")]);
    expect(open).toMatchObject({ exitCode: 125, stderr: expect.stringContaining("--insecure") });
    const second = await runCli(["server", "--listen", "127.0.0.1:0", "--data-dir", stack.dataDir]);
    expect(second.exitCode).toBe(125);
    const env = { CLOUD_ASSISTANT_SERVER_LISTN: "127.0.0.1:0" };
    expect(await runCli(["server"], { env })).toMatchObject({
      exitCode: 125,
      stderr: expect.stringContaining("listen"),
    });
    expect(await runCli(["server", "--config", "/nonexistent"])).toMatchObject({ exitCode: 125 });
  });
});

describe("activations and agents", () => {
  test("the printed line registers a host as it stands", async () => {
    const { stdout } = await stack.cli(["activation", "create", "--count", "1"]);
    const line = /^printf .*$/m.exec(stdout.toString())?.[0] ?? "";
    expect(line).toMatch(
      / npx cloud-assistant agent register --server http:\/\/127.*--server-key sha256:[0-9a-f]{64}$/,
    );
    const code = /printf %s '(a-\w+)'/.exec(line)?.[1];
    const args = line.slice(line.indexOf("agent register")).split(" ");
    const place = ["--state-dir", join(stack.directory, "pasted")];
    const registered = await runCli([...args, ...place], { input: code ?? "" });
    expect(registered).toMatchObject({ exitCode: 0, stderr: "" });
    expect(registered.stdout.toString()).toMatch(/^This host is mi-\w+ now\./);
    const again = await runCli([...args, ...place], { input: code ?? "" });
    expect(again).toMatchObject({ exitCode: 125, stderr: expect.stringContaining("start over") });
  });

  test("a wrong server key and a missing code are refused", async () => {
    const args = [
      "agent",
      "register",
      "--server",
      stack.endpoint,
      "--activation-id",
      "00000000-0000-0000-0000-000000000000",
    ];
    const place = ["--state-dir", join(stack.directory, "refused")];
    const wrong = await runCli([
      ...args,
      ...place,
      "--activation-code",
      "a-x",
      "--server-key",
      `sha256:${"0".repeat(64)}`,
    ]);
    expect(wrong).toMatchObject({ exitCode: 125, stderr: expect.stringContaining("Nothing was sent") });
    expect(await runCli([...args, ...place])).toMatchObject({
      exitCode: 125,
      stderr: expect.stringContaining("--activation-code-file"),
    });
  });

  test("an agent whose host is deregistered ends by itself and says how to come back", async () => {
    const instanceId = await stack.register("gone");
    const stateDir = join(stack.directory, "gone");
    const agent = startCli(["agent", "--state-dir", stateDir]);
    await waitFor(() => existsSync(join(stateDir, "agent.json")), { withinMs: 60_000 });
    await callApi(stack.target, "DeregisterManagedInstance", { InstanceId: instanceId });
    const { exitCode, stderr } = await agent.ended;
    expect(exitCode).toBe(125);
    expect(stderr).toContain(
      `has deregistered this host (${instanceId}) for good; to bring it back, register it again`,
    );
  });

  test("agent status says what runs here", async () => {
    const [agent] = stack.agents;
    const { exitCode, stdout } = await runCli(["agent", "status", "--state-dir", agent?.stateDir ?? "", "--json"]);
    const wanted = { instanceId: agent?.instanceId, pid: agent?.process.child.pid, connected: true, runs: 0 };
    expect(JSON.parse(stdout.toString())).toEqual(wanted);
    expect(exitCode).toBe(0);
    expect((await runCli(["agent", "status", "--state-dir", join(stack.directory, "none")])).exitCode).toBe(125);
  });
});

describe("detaching, logs and stop", () => {
  test("Ctrl-C detaches and the script goes on; stop ends it", async () => {
    const args = ["--data-dir", stack.dataDir, "--instance", ids()[0] ?? "", "--timeout", "600", "--tree"];
    const started = startCli(["run", ...args, "--", "echo $$; sleep 600"]);
    const pid = await waitFor(() => /^(\d+)\n/.exec(started.stdout())?.[1], { withinMs: 30_000 });
    started.child.kill("SIGINT");
    const { exitCode, stderr } = await started.ended;
    const invokeId = invokeIdOf({ stderr });
    expect(exitCode).toBe(130);
    expect(stderr).toContain(`cloud-assistant stop ${invokeId}`);
    expect(isRunning(pid)).toBe(true);

    const following = startCli(["logs", invokeId, "--follow", "--data-dir", stack.dataDir]);
    await waitFor(() => following.stdout().includes(pid), { withinMs: 30_000 });
    expect(toJson(await stack.cli(["stop", invokeId, "--json"]))).toMatchObject({ invokeId });
    const followed = await following.ended;
    expect(followed.exitCode).toBe(0);
    expect(followed.stderr).toContain("Terminated");
    expect(isRunning(pid)).toBe(false);
  });

  test("logs --raw is every byte, of a large output too", async () => {
    const end = await run("--json", "--", String.raw`head -c 3000000 /dev/zero | tr '\0' x; printf '\377end'`);
    const { invokeId } = toJson<{ invokeId: string }>(end);
    const raw = await stack.cli(["logs", invokeId, "--raw"]);
    const wanted = Buffer.concat([Buffer.alloc(3_000_000, "x"), Buffer.from([0xff]), Buffer.from("end")]);
    expect(sha256(raw.stdout)).toBe(sha256(wanted));
    expect(raw).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("logs of several hosts, as lines and as JSON; --raw wants one", async () => {
    const [, second = ""] = ids();
    const invokeId = invokeIdOf(await run("--instance", second, "--", "echo hi"));
    const lines = await stack.cli(["logs", invokeId]);
    expect(lines.stdout.toString().split("\n").toSorted()).toEqual(["", "lab-001 | hi", "lab-002 | hi"]);
    const json = await stack.cli(["logs", invokeId, "--json", "--instance", second]);
    const objects = json.stdout
      .toString()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(objects).toMatchObject([
      { type: "data", instanceId: second, data: Buffer.from("hi\n").toString("base64") },
      { type: "status", status: "Success", exitCode: 0, ended: true },
    ]);
    expect(await stack.cli(["logs", invokeId, "--raw"])).toMatchObject({
      exitCode: 125,
      stderr: expect.stringContaining("--instance"),
    });
    expect(await stack.cli(["logs", "t-0"])).toMatchObject({ exitCode: 125, stderr: expect.stringContaining("t-0") });
  });
});

test("ps and instances list what there is", async () => {
  const invokeId = invokeIdOf(await run("--name", "listed", "--", "echo listed\ntrue"));
  const [newest] = toJson<unknown[]>(await stack.cli(["ps", "--limit", "1", "--json"]));
  expect(newest).toMatchObject({ invokeId, name: "listed", status: "Success", script: "echo listed\ntrue" });
  expect((await stack.cli(["ps"])).stdout.toString()).toMatch(new RegExp(`${invokeId} +Success .* echo listed …`));
  const hosts = toJson<{ instanceId: string }[]>(await stack.cli(["instances", "--json"]));
  expect(hosts.find(({ instanceId }) => instanceId === ids()[1])).toMatchObject({
    connected: true,
    tags: { host: "a2" },
  });
  expect((await stack.cli(["instances"])).stdout.toString()).toMatch(/lab-001 .* yes /);
});
