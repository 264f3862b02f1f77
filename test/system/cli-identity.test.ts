import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCliStack, toJson, type CliStack } from "../support/cli-stack.ts";
import { runCli, type CliEnd } from "../support/cli.ts";

type Key = { readonly accessKeyId: string; readonly accessKeySecret: string; readonly securityToken?: string };

let stack: CliStack;
let policyFile: string;
/** Everything that must be nowhere else. */
const secrets: string[] = [];

beforeAll(async () => {
  stack = await startCliStack(0);
  policyFile = join(stack.directory, "policy.json");
  const statement = {
    Effect: "Allow",
    Action: "ecs:RunCommand",
    Resource: "*",
    Condition: { StringEquals: { "ecs:CommandRunAs": "app" } },
  };
  writeFileSync(policyFile, JSON.stringify({ Version: "1", Statement: [statement] }));
});
afterAll(() => stack.close());

const json = async <T>(...args: string[]): Promise<T> => toJson<T>(await stack.cli([...args, "--json"]));
const makeKey = async (...args: string[]): Promise<Key> => {
  const key = await json<Key>(...args);
  secrets.push(key.accessKeySecret, ...(key.securityToken === undefined ? [] : [key.securityToken]));
  return key;
};
const by = ({ accessKeyId, accessKeySecret, securityToken }: Key, ...args: string[]): Promise<CliEnd> =>
  runCli(args, {
    env: {
      CLOUD_ASSISTANT_ENDPOINT: stack.endpoint,
      ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
      ...(securityToken !== undefined && { ALIBABA_CLOUD_SECURITY_TOKEN: securityToken }),
    },
  });

describe("a user, from its making to its end", () => {
  test("makes keys, policies and temporary keys, and explains", async () => {
    expect(await json("user", "create", "ann", "--comments", "test")).toMatchObject({ userName: "ann" });
    const key = await makeKey("access-key", "create", "--user", "ann");
    expect(await by(key, "instances")).toMatchObject({
      exitCode: 125,
      stderr: expect.stringContaining("Forbidden.RAM") as string,
    });
    expect(await json("policy", "put", "runAsApp", policyFile)).toMatchObject({ policyName: "runAsApp" });
    expect(await json("policy", "attach", "runAsApp", "--user", "ann")).toMatchObject({ attached: true });
    expect(await json("policy", "attach", "AliyunECSReadOnlyAccess", "--user", "ann")).toMatchObject({
      attached: true,
    });
    expect(await by(key, "instances", "--json")).toMatchObject({ exitCode: 0 });
    expect(await json("policy", "list", "--user", "ann")).toEqual([
      { type: "Custom", policyName: "runAsApp" },
      { type: "System", policyName: "AliyunECSReadOnlyAccess" },
    ]);
    expect(await json("policy", "show", "runAsApp")).toMatchObject({ document: { Version: "1" } });
    const explain = [
      "policy",
      "explain",
      "--user",
      "ann",
      "--action",
      "RunCommand",
      "--resource",
      "command/*",
      "--run-as",
    ];
    expect(await json(...explain, "app")).toMatchObject({ decision: "Allow" });
    expect((await stack.cli([...explain, "root"])).stdout.toString()).toContain(
      'runAsApp statement 1 (Allow) does not apply: StringEquals ecs:CommandRunAs: it is "root", the policy has "app"',
    );
    const temporary = await makeKey("sts", "assume", "--user", "ann", "--minutes", "15");
    expect(await by(temporary, "instances")).toMatchObject({ exitCode: 0 });
    const own = await by(key, "sts", "assume");
    expect(own.stdout.toString()).toMatch(
      /^# works until .*\nexport CLOUD_ASSISTANT_ENDPOINT=.*\nexport ALIBABA_CLOUD_ACCESS_KEY_ID=STS\./,
    );
  });

  test("rotates, disables, enables and deletes keys, and goes with all it has", async () => {
    const [old] = await json<{ accessKeyId: string }[]>("access-key", "list", "--user", "ann");
    const id = old?.accessKeyId ?? "";
    const next = await makeKey("access-key", "rotate", id, "--user", "ann");
    expect(await by(next, "instances")).toMatchObject({ exitCode: 0 });
    expect(await json("access-key", "list", "--user", "ann")).toContainEqual(
      expect.objectContaining({ accessKeyId: id, enabled: false }),
    );
    expect(await json("access-key", "enable", id, "--user", "ann")).toEqual({ accessKeyId: id, enabled: true });
    expect(await json("access-key", "disable", id, "--user", "ann")).toEqual({ accessKeyId: id, enabled: false });
    expect(await json("access-key", "delete", id, "--user", "ann")).toMatchObject({ deleted: true });
    expect(await stack.cli(["user", "delete", "ann"])).toMatchObject({
      exitCode: 125,
      stderr: expect.stringContaining("DeleteConflict") as string,
    });
    expect(await json("user", "delete", "ann", "--force")).toMatchObject({ deleted: true });
    expect(await json("user", "list")).toEqual([]);
    expect(await by(next, "instances")).toMatchObject({
      exitCode: 125,
      stderr: expect.stringContaining("InvalidAccessKeyId.NotFound") as string,
    });
    expect(await json("policy", "delete", "runAsApp")).toMatchObject({ deleted: true });
  });
});

test("mistakes say what is wrong", async () => {
  writeFileSync(policyFile, '{"Version":"1","Statement":[{"Efect":"Deny"}]}');
  const wrong = await stack.cli(["policy", "put", "wrong", policyFile]);
  expect(wrong).toMatchObject({
    exitCode: 125,
    stderr: expect.stringContaining('there is no "Efect": did you mean Effect?') as string,
  });
  expect((await stack.cli(["policy", "put", "wrong", "/nonexistent"])).stderr).toContain("cannot be read");
  expect((await stack.cli(["policy", "attach", "none", "--user", "x"])).stderr).toContain("there is no policy none");
  expect((await stack.cli(["access-key", "disable", "none"])).stderr).toContain("EntityNotExist.User.AccessKey");
});

test("an account of its own, and the root key rotates together with its file", async () => {
  const other = await makeKey("account", "create", "lab");
  expect(await by(other, "user", "list", "--json")).toMatchObject({ exitCode: 0 });
  expect(await json("account", "list")).toMatchObject([{ accountName: "main" }, { accountName: "lab" }]);
  const file = join(stack.dataDir, "root-access-key.json");
  const { AccessKeyId: id } = JSON.parse(readFileSync(file, "utf8")) as { AccessKeyId: string };
  const next = await makeKey("access-key", "rotate", id);
  expect([JSON.parse(readFileSync(file, "utf8")), statSync(file).mode & 0o777]).toEqual([
    { AccessKeyId: next.accessKeyId, AccessKeySecret: next.accessKeySecret },
    0o600,
  ]);
  expect(await json("access-key", "delete", id)).toMatchObject({ deleted: true });
  stack.server().child.kill("SIGTERM");
  await stack.restartServer();
  expect(await json("instances")).toEqual([]);
});

test("secrets are in no log and in no database", () => {
  const logged = stack.server().stderr();
  const files = readdirSync(stack.dataDir).filter((name) => name.startsWith("control-plane.db"));
  const stored = files.map((name) => readFileSync(join(stack.dataDir, name), "latin1")).join("");
  expect(secrets.length).toBeGreaterThan(4);
  for (const secret of secrets) expect([logged.includes(secret), stored.includes(secret)]).toEqual([false, false]);
});
