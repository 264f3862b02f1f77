import { ACTIONS } from "@cloud-assistant/control-plane/actions/index";
import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { ECS_VERSION, OOS_VERSION } from "@cloud-assistant/shared/api/versions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, makeUser, putPolicy } from "../support/identity.ts";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { identityCall, type Target } from "../support/sdk.ts";
import { callApi } from "../support/server.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

const refused = "Forbidden.RAM";
const SCRIPT = { Type: "RunShellScript", CommandContent: "aWQ=" };
const [HOST, TAGGED, RUN, REPEATING, OF_RUN, OF_REPEATING, COMMAND] = [
  "<host>",
  "<tagged>",
  "<run>",
  "<repeating>",
  "<command of run>",
  "<command of repeating>",
  "<command>",
];

/**
 * What each action needs to be understood, and the resources it asks a policy about. `<…>` stands for the id of something that
 * is there. All are asked with the permission of the same name.
 */
const ECS: Readonly<Record<string, readonly [Json, ...string[]]>> = {
  CreateActivation: [{}, "activation/*"],
  CreateCommand: [{ ...SCRIPT, Name: "n" }, "command/*"],
  DeleteActivation: [{ ActivationId: "A" }, "activation/A"],
  DeleteCommand: [{ CommandId: "c-none" }, "command/c-none"],
  DeregisterManagedInstance: [{ InstanceId: "mi-none" }, "instance/mi-none"],
  DescribeActivations: [{}, "activation/*"],
  DescribeCloudAssistantSettings: [{ SettingType: ["AgentUpgradeConfig"] }, "servicesettings/*"],
  DescribeCloudAssistantStatus: [{ InstanceId: [HOST, TAGGED] }, `instance/${HOST}`, `instance/${TAGGED}`],
  DescribeCommands: [{ CommandId: COMMAND }, `command/${COMMAND}`],
  DescribeInstances: [{}, "instance/*"],
  DescribeInvocationResults: [{ InvokeId: RUN }, `instance/${HOST}`, `command/${OF_RUN}`],
  DescribeInvocations: [{}, "instance/*", "command/*"],
  DescribeManagedInstances: [{ InstanceId: [HOST] }, `instance/${HOST}`],
  DescribeRegions: [{}, "*"],
  DescribeSendFileResults: [{}, "*"],
  DescribeTerminalSessions: [{}, "*"],
  DescribeUserBusinessBehavior: [{ StatusKey: "sessionManagerStatus" }, "*"],
  DisableActivation: [{ ActivationId: "A" }, "activation/A"],
  EndTerminalSession: [{ SessionId: "s-1" }, "*"],
  InstallCloudAssistant: [{ InstanceId: [HOST, "mi-none"] }, `instance/${HOST}`, "instance/mi-none"],
  InvokeCommand: [{ CommandId: COMMAND, InstanceId: [HOST] }, `instance/${HOST}`, `command/${COMMAND}`],
  ListTagResources: [{ ResourceType: "managedinstance", ResourceId: [HOST] }, `instance/${HOST}`],
  ModifyCloudAssistantSettings: [
    { SettingType: "AgentUpgradeConfig", AgentUpgradeConfig: { Enabled: true } },
    "servicesettings/*",
  ],
  ModifyCommand: [{ CommandId: COMMAND, Description: "d" }, `command/${COMMAND}`],
  ModifyInvocationAttribute: [
    { InvokeId: REPEATING, InstanceId: [TAGGED] },
    `instance/${HOST}`,
    `instance/${TAGGED}`,
    `command/${OF_REPEATING}`,
  ],
  ModifyManagedInstance: [{ InstanceId: HOST, InstanceName: "name" }, `instance/${HOST}`],
  ModifyUserBusinessBehavior: [{ StatusKey: "sessionManagerStatus", StatusValue: "enabled" }, "*"],
  RunCommand: [{ ...SCRIPT, ResourceTag: [{ Key: "env", Value: "lab" }] }, `instance/${TAGGED}`, "command/*"],
  SendFile: [{ InstanceId: [HOST], Name: "motd", TargetDir: "/etc", Content: "hello" }, `instance/${HOST}`],
  StartTerminalSession: [{ InstanceId: [HOST] }, `instance/${HOST}`],
  StopInvocation: [{ InvokeId: RUN, InstanceId: [HOST] }, `instance/${HOST}`],
  StreamInvocationOutput: [{ InvokeId: RUN }, `instance/${HOST}`, `command/${OF_RUN}`],
  TagResources: [
    { ResourceType: "command", ResourceId: [COMMAND], Tag: [{ Key: "k", Value: "v" }] },
    `command/${COMMAND}`,
  ],
  UntagResources: [{ ResourceType: "invocation", ResourceId: [RUN], TagKey: ["k"] }, `invocation/${RUN}`],
};
const OOS: Readonly<Record<string, readonly [Json, ...string[]]>> = {
  CreateParameter: [{ Name: "p", Type: "String", Value: "v" }, "parameter/p"],
  CreateSecretParameter: [{ Name: "/a/s", Value: "v" }, "secretparameter//a/s"],
  DeleteParameter: [{ Name: "none" }, "parameter/none"],
  DeleteSecretParameter: [{ Name: "none" }, "secretparameter/none"],
  GetParameter: [{ Name: "p" }, "parameter/p"],
  GetParameters: [{ Names: '["p","q"]' }, "parameter/p", "parameter/q"],
  GetSecretParameter: [{ Name: "/a/s", WithDecryption: true }, "secretparameter//a/s"],
  ListParameters: [{}, "parameter/*"],
  ListSecretParameters: [{}, "secretparameter/*"],
  UpdateParameter: [{ Name: "p", Value: "w" }, "parameter/p"],
  UpdateSecretParameter: [{ Name: "/a/s", Value: "w" }, "secretparameter//a/s"],
};
const ROWS = [
  ...Object.entries(ECS).map((row) => ["ecs", ...row] as const),
  ...Object.entries(OOS).map((row) => ["oos", ...row] as const),
];
/** The same output, whole. */
const PERMISSION: Readonly<Record<string, string>> = { StreamInvocationOutput: "DescribeInvocationResults" };

let api: OpenApi;
let nobody: Target;
let exact: Target;
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  api = await openApi();
  const host: Instance = await api.addInstance();
  const tagged = await api.addInstance({ tags: [{ key: "env", value: "lab" }] });
  const make = (action: string, parameters: Json): Promise<Json> =>
    callApi(api.target, action, { RegionId: "cn-hangzhou", ...parameters });
  const InstanceId = [host.instanceId];
  const run = await make("RunCommand", { ...SCRIPT, InstanceId });
  const repeating = await make("RunCommand", { ...SCRIPT, InstanceId, RepeatMode: "Period", Frequency: "rate(1h)" });
  const kept = await make("CreateCommand", { ...SCRIPT, Name: "kept" });
  ids = {
    [HOST]: host.instanceId,
    [TAGGED]: tagged.instanceId,
    [RUN]: String(run["InvokeId"]),
    [OF_RUN]: String(run["CommandId"]),
    [REPEATING]: String(repeating["InvokeId"]),
    [OF_REPEATING]: String(repeating["CommandId"]),
    [COMMAND]: String(kept["CommandId"]),
  };
  nobody = await makeUser(api.target, "nobody");
  await putPolicy(api.target, "exact", { Effect: "Deny", Action: "*", Resource: "*" });
  exact = await makeUser(api.target, "exact");
  await identityCall(api.target, "AttachPolicyToUser", {
    PolicyType: "Custom",
    PolicyName: "exact",
    UserName: "exact",
  });
});
afterAll(() => api.close());

const fill = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value).replaceAll(/<[a-z ]+>/g, (name) => ids[name] ?? name)) as T;

function ask(user: Target, service: string, action: string, parameters: Json): Promise<string> {
  const version = service === "oos" ? OOS_VERSION : ECS_VERSION;
  return codeOf(callApi(user, action, { Version: version, RegionId: "cn-hangzhou", ...fill(parameters) }));
}

describe("every action asks", () => {
  test("there is a row for each of them", () => {
    expect(Object.keys(ECS).toSorted()).toEqual([...(ACTIONS.get(ECS_VERSION)?.keys() ?? [])].toSorted());
    expect(Object.keys(OOS).toSorted()).toEqual([...(ACTIONS.get(OOS_VERSION)?.keys() ?? [])].toSorted());
  });

  test.each(ROWS)(
    "%s:%s about these resources, all of them and no others",
    async (service, action, [parameters, ...resources]) => {
      expect(await ask(nobody, service, action, parameters)).toBe(refused);
      const permission = `${service}:${PERMISSION[action] ?? action}`;
      const region = action === "DescribeRegions" || action.endsWith("UserBusinessBehavior") ? "*" : "cn-hangzhou";
      const name = (resource: string): string =>
        `acs:${service}:${region}:${api.context.config.accountId}:${fill(resource)}`;
      const allow = (some: readonly string[]): object => ({
        Effect: "Allow",
        Action: permission,
        Resource: some.map(name),
      });
      for (const left of resources.length > 1 ? resources : []) {
        await putPolicy(api.target, "exact", allow(resources.filter((resource) => resource !== left)));
        expect([left, await ask(exact, service, action, parameters)]).toEqual([left, refused]);
      }
      await putPolicy(
        api.target,
        "exact",
        { Effect: "Allow", Action: "*", Resource: "*" },
        { ...allow(resources.slice(-1)), Effect: "Deny" },
      );
      expect(await ask(exact, service, action, parameters)).toBe(refused);
      await putPolicy(api.target, "exact", allow(resources));
      expect(await ask(exact, service, action, parameters)).not.toBe(refused);
    },
  );
});

test("what needs no region is asked about in the one it is done in", async () => {
  const where = `acs:oos:cn-hangzhou:${api.context.config.accountId}:parameter/p`;
  await putPolicy(
    api.target,
    "exact",
    { Effect: "Allow", Action: "oos:*", Resource: "*" },
    { Effect: "Deny", Action: "oos:*", Resource: where },
  );
  expect(await codeOf(callApi(exact, "GetParameter", { Version: OOS_VERSION, RegionId: undefined, Name: "p" }))).toBe(
    refused,
  );
});

async function codesOf(user: Target | undefined): Promise<string[]> {
  return user ? [await ask(user, "ecs", "DescribeCommands", {}), await ask(user, "oos", "ListParameters", {})] : [];
}

test("the policies of the system cover their services", async () => {
  const [ecs, oos, all] = await Promise.all(
    ["AliyunECSFullAccess", "AliyunOOSFullAccess", "AdministratorAccess"].map((name) =>
      makeUser(api.target, name, { system: [name] }),
    ),
  );
  expect([await codesOf(ecs), await codesOf(oos), await codesOf(all)]).toEqual([
    ["accepted", refused],
    [refused, "accepted"],
    ["accepted", "accepted"],
  ]);
});
