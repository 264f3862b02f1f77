import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startCliStack, toJson, type CliStack } from "../support/cli-stack.ts";
import type { CliEnd, CliOptions } from "../support/cli.ts";

const SECRET = "5ecret of the test";
let stack: CliStack;
beforeAll(async () => {
  stack = await startCliStack(1);
});
afterAll(() => stack.close());

const parameter = (args: readonly string[], options?: CliOptions): Promise<CliEnd> =>
  stack.cli(["parameter", ...args], options);
const said = async (args: readonly string[], options?: CliOptions): Promise<string> => {
  const { exitCode, stdout, stderr } = await parameter(args, options);
  return `${exitCode} ${stdout.toString()}${stderr}`;
};

test("a value is put, put again, read at each version, listed and deleted", async () => {
  expect(await said(["put", "app/port", "--value", "8080", "--description", "of the app"])).toBe(
    "0 app/port has version 1.\n",
  );
  writeFileSync(join(stack.directory, "value"), "9090\n");
  expect(
    toJson(await parameter(["put", "app/port", "--value-file", join(stack.directory, "value"), "--json"])),
  ).toMatchObject({ version: 2, description: "of the app" });
  expect(await said(["get", "app/port"])).toBe("0 9090\n");
  expect(await said(["get", "app/port", "--version", "1"])).toBe("0 8080\n");
  expect(toJson(await parameter(["list", "--path", "app", "--json"]))).toMatchObject([
    { name: "app/port", type: "String", version: 2 },
  ]);
  expect((await parameter(["list"])).stdout.toString()).toMatch(/^NAME .*\napp\/port +String +2 /i);
  expect(await said(["delete", "app/port"])).toBe("0 app/port is deleted.\n");
  expect(await said(["get", "app/port"])).toMatch(/^125 cloud-assistant: EntityNotExists\.Parameter: /);
});

test("a secret is taken from standard input, used by a script, and in no file of either side", async () => {
  expect(await said(["put", "db/pw", "--secret", "--value", SECRET])).toMatch(/^125 .*process list/);
  expect(await said(["put", "db/pw", "--secret", "--value-file", "-"], { input: `${SECRET}\n` })).toBe(
    "0 db/pw has version 1.\n",
  );
  expect(await said(["get", "db/pw", "--secret"])).toBe(`0 ${SECRET}\n`);
  expect((await parameter(["list", "--secret", "--json"])).stdout.toString()).not.toContain(SECRET);
  const [agent] = stack.agents;
  const script = "test '{{oos-secret:db/pw}}' = \"$(printf '5ecret of %s' 'the test')\" && echo same";
  const run = await stack.cli(["run", "--instance", agent?.instanceId ?? "", "--parameters", "--", script]);
  expect([run.exitCode, run.stdout.toString()]).toEqual([0, "same\n"]);
  const files = [stack.dataDir, agent?.stateDir ?? ""].flatMap((directory) =>
    readdirSync(directory, { recursive: true, encoding: "utf8" })
      .map((name) => join(directory, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile()),
  );
  expect(files.filter((path) => readFileSync(path).includes(SECRET))).toEqual([]);
  expect(stack.server().stdout() + stack.server().stderr()).not.toContain(SECRET);
});
