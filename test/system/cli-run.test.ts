import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCliStack, toJson, type CliStack } from "../support/cli-stack.ts";
import { isRunning, runCli, startCli, type CliEnd } from "../support/cli.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: CliStack;
beforeAll(async () => {
  stack = await startCliStack(2);
});
afterAll(() => stack.close());

const ids = (): string[] => stack.agents.map(({ instanceId }) => instanceId);
const run = (args: readonly string[], input = ""): Promise<CliEnd> =>
  stack.cli(["run", "--instance", ids()[0] ?? "", ...args], { input });
const runOnBoth = (...args: string[]): Promise<CliEnd> =>
  stack.cli(["run", ...ids().flatMap((id) => ["--instance", id]), ...args]);

describe("run on one host", () => {
  test("gives out the script's bytes untouched, and its exit code", async () => {
    const script = String.raw`printf 'a\000\377\n'; echo err >&2; printf end; exit 3`;
    const { exitCode, stdout, stderr } = await run(["--", script]);
    expect(stdout).toEqual(Buffer.concat([Buffer.from([0x61, 0, 0xff, 0x0a]), Buffer.from("err\nend")]));
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^Invocation t-\w+\nFailed, exit code 3\n$/);
  });

  test("takes the script from standard input", async () => {
    const { stdout, exitCode } = await run(["-"], "read -r line; echo \"$line|\"\necho 'second line'");
    expect(stdout.toString()).toBe("|\nsecond line\n");
    expect(exitCode).toBe(0);
  });

  test("takes the script from a file, with a directory and parameters", async () => {
    const file = join(stack.directory, "script.sh");
    writeFileSync(file, "pwd; echo '{{who}}|{{n}}|'");
    const { stdout, exitCode } = await run(["--file", file, "--dir", "/usr", "--param", "who=a b", "--param", "n="]);
    expect(stdout.toString()).toBe("/usr\na b||\n");
    expect(exitCode).toBe(0);
  });

  test.skipIf(process.getuid?.() !== 0)("as another user", async () => {
    const { stdout } = await run(["--user", "nobody", "--dir", "/", "--", "id -un; echo $HOME"]);
    expect(stdout.toString()).toMatch(/^nobody\n\//);
  });

  test("128 + the signal that ended it", async () => {
    expect((await run(["--", "kill -KILL $$"])).exitCode).toBe(137);
  });

  test("124 at the timeout, and the tree is gone", async () => {
    const { exitCode, stdout, stderr } = await run([
      "--timeout",
      "3",
      "--tree",
      "--",
      "setsid sleep 600 & echo $!; wait",
    ]);
    expect(exitCode).toBe(124);
    expect(stderr).toMatch(/Timeout: .*killed \d+, left 0/);
    const pid = /^(\d+)\n/.exec(stdout.toString())?.[1]; // the shell may print "Terminated" after it
    expect(pid).toBeDefined();
    expect(isRunning(pid ?? "")).toBe(false);
  });

  test("126 when it never ran: no such user, or not delivered in time", async () => {
    const invalid = await run(["--user", "no-such-user", "--", "true"]);
    expect(invalid).toMatchObject({ exitCode: 126, stderr: expect.stringContaining("Invalid") });
    const offline = await stack.register("offline");
    const late = await stack.cli(["run", "--instance", offline, "--delivery-timeout", "1", "--", "true"]);
    expect(late).toMatchObject({ exitCode: 126, stderr: expect.stringContaining("Aborted") });
  });

  test("125 when the API refuses or cannot be reached, with what to do", async () => {
    const refused = await stack.cli(["run", "--instance", "mi-unknown", "--", "true"]);
    expect(refused).toMatchObject({ exitCode: 125, stderr: expect.stringContaining("InvalidInstance.NotFound") });
    const gone = await stack.cli(["run", "--endpoint", "http://127.0.0.1:1", "--instance", "mi-1", "--", "true"]);
    expect(gone).toMatchObject({ exitCode: 125, stderr: expect.stringContaining("is it running") });
    const unset = await runCli(["run", "--instance", "mi-1", "--", "true"]);
    expect(unset).toMatchObject({ exitCode: 125, stderr: expect.stringContaining("CLOUD_ASSISTANT_ENDPOINT") });
    const empty = await stack.cli(["run", "--instance", "mi-1"]);
    expect(empty).toMatchObject({ exitCode: 125, stderr: expect.stringContaining("a script is wanted") });
  });

  test("--json gives one object", async () => {
    const end = await run(["--json", "--", String.raw`printf 'é\n'; exit 5`]);
    expect(end.exitCode).toBe(5);
    const result = {
      status: "Failed",
      exitCode: 5,
      errorCode: "ExitCodeNonzero",
      output: "é\n",
      outputBytes: 3,
      dropped: 0,
    };
    expect(toJson(end)).toMatchObject({
      invokeId: expect.stringMatching(/^t-/),
      status: "Failed",
      exitCode: 5,
      results: [{ instanceId: ids()[0], ...result }],
    });
  });
});

describe("run on several hosts", () => {
  test("names the host before each line and lists the results", async () => {
    const { exitCode, stdout, stderr } = await runOnBoth("--", "echo one; printf two");
    expect(exitCode).toBe(0);
    const lines = stdout.toString().split("\n").toSorted();
    expect(lines).toEqual(["", "lab-001 | one", "lab-001 | two", "lab-002 | one", "lab-002 | two"]);
    expect(stderr).toMatch(/HOST +INSTANCE +EXIT +RESULT/);
    expect(stderr.match(/Success/g)).toHaveLength(2);
  });

  test("fails when one of them does", async () => {
    const { exitCode, stderr } = await runOnBoth("--", `mkdir ${join(stack.directory, "only-one-can")}`);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/Success/);
    expect(stderr).toMatch(/Failed, exit code 1/);
  });
});

test("a run is followed through the death of the control plane", async () => {
  const gate = join(stack.directory, "gate");
  const script = `echo before; while [ ! -e ${gate} ]; do sleep 0.1; done; echo after; exit 4`;
  const following = startCli(["run", "--data-dir", stack.dataDir, "--instance", ids()[0] ?? "", "--", script]);
  await waitFor(() => following.stdout() === "before\n", { withinMs: 30_000 });
  stack.server().child.kill("SIGKILL");
  await stack.restartServer();
  writeFileSync(gate, "");
  const { exitCode, stdout, stderr } = await following.ended;
  expect(stdout.toString()).toBe("before\nafter\n");
  expect(exitCode).toBe(4);
  expect(stderr).toContain("trying again");
});
