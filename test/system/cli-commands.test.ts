import { afterAll, beforeAll, expect, test } from "vitest";
import { startCliStack, toJson, type CliStack } from "../support/cli-stack.ts";

let stack: CliStack;
let host: string;
beforeAll(async () => {
  stack = await startCliStack(1);
  host = stack.agents[0]?.instanceId ?? "";
});
afterAll(() => stack.close());

test("a command is kept, listed, changed, run again and forgotten", async () => {
  const created = await stack.cli(["command", "create", "--name", "greet", "--parameters", "--", "echo hello {{who}}"]);
  const id = created.stdout.toString().trim();
  expect([created.exitCode, id]).toEqual([0, expect.stringMatching(/^c-/)]);
  expect((await stack.cli(["command", "modify", id, "--timeout", "90", "--description", "says hello"])).exitCode).toBe(
    0,
  );
  const invoked = await stack.cli(["invoke", id, "--instance", host, "--param", "who=world"]);
  expect([invoked.exitCode, invoked.stdout.toString()]).toEqual([0, "hello world\n"]);
  const listed = toJson<Record<string, unknown>[]>(await stack.cli(["command", "list", "--name", "gre*", "--json"]));
  expect(listed).toMatchObject([
    {
      commandId: id,
      name: "greet",
      description: "says hello",
      script: "echo hello {{who}}",
      parameters: ["who"],
      timeout: 90,
      invokeTimes: 1,
    },
  ]);
  expect((await stack.cli(["command", "list"])).stdout.toString()).toMatch(
    /^COMMAND +NAME +CREATED +INVOKED +PARAMETERS +DESCRIPTION\nc-\w+ +greet /,
  );
  expect((await stack.cli(["command", "delete", id])).exitCode).toBe(0);
  expect(await stack.cli(["invoke", id, "--instance", host])).toMatchObject({
    exitCode: 125,
    stderr: expect.stringContaining("InvalidCmdId.NotFound") as string,
  });
});

test("run keeps a command, checks without running, and names what runs later", async () => {
  const kept = await stack.cli(["run", "--instance", host, "--keep", "--name", "disk", "--", "echo kept"]);
  expect(kept).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^Command c-\w+ is kept$/m) as string });
  const dry = await stack.cli(["run", "--instance", host, "--repeat", "DryRun", "--", "echo never"]);
  expect([dry.exitCode, dry.stdout.toString()]).toEqual([0, ""]);
  const later = await stack.cli(["run", "--instance", host, "--frequency", "rate(5m)", "--", "echo later"]);
  expect([later.exitCode, later.stdout.toString()]).toEqual([0, expect.stringMatching(/^t-\w+\n$/)]);
  const wrong = await stack.cli(["run", "--instance", host, "--frequency", "rate(1s)", "--", "echo"]);
  expect(wrong).toMatchObject({ exitCode: 125, stderr: expect.stringContaining("InvalidParam.Frequency") as string });
  const launched = await stack.cli(["run", "--instance", host, "--launcher", "cat", "--", "not a script"]);
  expect({ ...launched, stdout: launched.stdout.toString() }).toMatchObject({ exitCode: 0, stdout: "not a script" });
  expect((await stack.cli(["run", "--instance", host, "--launcher", "sh 'x", "--", "x"])).exitCode).toBe(126);
  expect((await stack.cli(["run", "--instance", host, "--repeat", "Sometimes", "--", "x"])).exitCode).toBe(125);
});
