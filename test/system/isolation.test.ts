import { ACTIONS } from "@cloud-assistant/control-plane/actions/index";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeAccount } from "../support/identity.ts";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { ALIKE, callAny, fillAccount, LISTS, snapshot, type Json, type Tenant } from "../support/tenant.ts";

/** One account has filled all of its quotas; the other has one of everything, and asks for what the first one has. */
const MARK = "first-tenant-canary";
const OTHER = "second-tenant";
let api: OpenApi;
let first: Tenant;
let second: Tenant;
let before: string[];

beforeAll(async () => {
  api = await openApi({
    maxCommands: 2,
    maxOpenActivations: 3,
    maxInvocationsPerDay: 3,
    resourceGroupIds: "rg-default,rg-lab",
  });
  first = await fillAccount(api, api.context.config.accountId, api.target, MARK);
  const { accountId, target } = await makeAccount(api.target, "second");
  second = await fillAccount(api, accountId, target, OTHER);
  await callAny(first.target, "CreateCommand", { ...script(), Name: MARK });
  await callAny(first.target, "RunCommand", { ...script(), InstanceId: [first.host.instanceId], Name: MARK });
  before = await snapshot(first, MARK);
});
afterAll(() => api.close());

const script = (): Json => ({ Type: "RunShellScript", CommandContent: Buffer.from("id").toString("base64") });
const hosts = (...tenants: Tenant[]): Json => ({ InstanceId: tenants.map(({ host }) => host.instanceId) });
const tag = [{ Key: MARK, Value: MARK }];
const everyKind = (more: Json): Json[] =>
  Object.entries({
    managedinstance: first.host.instanceId,
    instance: first.host.instanceId,
    activation: first.activationId,
    command: first.commandId,
    invocation: first.invokeId,
  }).map(([ResourceType, id]) => ({ ResourceType, ResourceId: [id], ...more }));

/** Nothing is found. */
const NONE = "none";
/** It is done, to what is the second's own. */
const OWN = "own";

/** Every action, asked by the second account for what the first one has, and what it must be told. */
const ROWS: Readonly<Record<string, readonly [() => Json | Json[], string][]>> = {
  CreateActivation: [
    [
      () => ({
        ClientToken: ALIKE.ClientToken,
        Description: OTHER,
        InstanceName: OTHER,
        Tag: [{ Key: OTHER, Value: OTHER }],
      }),
      OWN,
    ],
  ],
  DescribeActivations: [[() => [{ ActivationId: first.activationId }, { InstanceName: MARK }, { Tag: tag }], NONE]],
  DisableActivation: [[() => ({ ActivationId: first.activationId }), "ActivationId.NotFound"]],
  DeleteActivation: [[() => ({ ActivationId: first.activationId }), "ActivationId.NotFound"]],

  DescribeInstances: [
    [() => [{ InstanceIds: JSON.stringify([first.host.instanceId]) }, { InstanceName: MARK }, { Tag: tag }], NONE],
  ],
  DescribeManagedInstances: [
    [
      () => [
        hosts(first),
        { ActivationId: first.host.activationId, InstanceName: MARK },
        { InstanceIp: first.host.host.intranetIp },
        { MachineId: MARK },
        { Tag: tag },
      ],
      NONE,
    ],
    [() => ({ ResourceGroupId: "rg-lab" }), OWN],
  ],
  DescribeCloudAssistantStatus: [[() => [hosts(first), hosts(second, first)], "InvalidInstance.NotFound"]],
  InstallCloudAssistant: [[() => hosts(first), "InvalidInstance.NotFound"]],
  ModifyManagedInstance: [
    [() => ({ InstanceId: first.host.instanceId, InstanceName: "taken" }), "InvalidInstance.NotFound"],
  ],
  DeregisterManagedInstance: [[() => ({ InstanceId: first.host.instanceId }), "InvalidInstance.NotFound"]],

  CreateCommand: [[() => ({ ...script(), Name: OTHER }), OWN]],
  DescribeCommands: [
    [() => [{ CommandId: first.commandId }, { Name: MARK }, { Name: "first*" }, { Tag: tag }], NONE],
    [() => ({ ResourceGroupId: "rg-lab" }), OWN],
  ],
  ModifyCommand: [[() => ({ CommandId: first.commandId, Name: "taken" }), "InvalidCmdId.NotFound"]],
  DeleteCommand: [[() => ({ CommandId: first.commandId }), "InvalidCmdId.NotFound"]],
  InvokeCommand: [
    [() => ({ CommandId: first.commandId, ...hosts(second) }), "InvalidCmdId.NotFound"],
    [() => ({ CommandId: second.commandId, ...hosts(second, first) }), "InvalidInstance.NotFound"],
    [() => ({ CommandId: second.commandId, ResourceTag: tag }), "InvalidResourceTag.InstanceNotFound"],
  ],
  RunCommand: [
    [() => ({ ...script(), ...hosts(first) }), "InvalidInstance.NotFound"],
    [() => ({ ...script(), ResourceTag: tag }), "InvalidResourceTag.InstanceNotFound"],
    [() => ({ ...script(), ...hosts(first), ResourceGroupId: "rg-lab" }), "InvalidInstance.NotFound"],
    [
      () =>
        ["oos", "oos-secret"].map((kind) => ({
          ...script(),
          ...hosts(second),
          EnableParameter: true,
          ContentEncoding: "PlainText",
          CommandContent: `{{${kind}:${MARK}}}`,
        })),
      "ParameterStore.InvalidParameters",
    ],
    [() => ({ ...script(), ...hosts(second) }), OWN],
  ],
  DescribeInvocations: [
    [
      () => [
        { InvokeId: first.invokeId },
        { CommandId: first.unkeptId },
        { InstanceId: first.host.instanceId },
        { CommandName: MARK },
        { Tag: tag },
      ],
      NONE,
    ],
    [() => [{ Timed: true }, { InvokeStatus: "Finished" }, { RepeatMode: "Period" }], OWN],
  ],
  DescribeInvocationResults: [
    [
      () => [
        { InvokeId: first.invokeId },
        { CommandId: first.unkeptId },
        { InstanceId: first.host.instanceId },
        { Tag: tag },
      ],
      NONE,
    ],
  ],
  StreamInvocationOutput: [[() => ({ InvokeId: first.invokeId }), "InvalidInvokeId.NotFound"]],
  StopInvocation: [
    [
      () => [{ InvokeId: first.repeatingId }, { InvokeId: first.repeatingId, ...hosts(first) }],
      "InvalidInvokeId.NotFound",
    ],
  ],
  ModifyInvocationAttribute: [
    [() => ({ InvokeId: first.repeatingId, Frequency: "rate(2h)" }), "InvalidInvokeId.NotFound"],
    [() => ({ InvokeId: second.repeatingId, ...hosts(first) }), "InvalidInstanceId.NotFound"],
  ],

  TagResources: [
    [() => everyKind({ Tag: [{ Key: "taken", Value: "taken" }] }), "InvalidResourceId.NotFound"],
    // whose command it was is not told either: `NotSupported` is for one's own
    [() => ({ ResourceType: "command", ResourceId: [first.unkeptId], Tag: tag }), "InvalidResourceId.NotFound"],
  ],
  UntagResources: [[() => everyKind({ All: true }), "InvalidResourceId.NotFound"]],
  ListTagResources: [
    [
      () => [
        ...everyKind({}),
        { ResourceType: "managedinstance", Tag: tag },
        { ResourceType: "command", TagFilter: [{ TagKey: "first*" }] },
      ],
      NONE,
    ],
  ],
  DescribeCloudAssistantSettings: [[() => ({ SettingType: ["InvocationDelivery"] }), OWN]],
  ModifyCloudAssistantSettings: [
    [() => ({ SettingType: "InvocationDelivery", OssDeliveryConfig: { Prefix: "taken" } }), OWN],
  ],
  DescribeRegions: [[() => ({}), OWN]],

  SendFile: [
    [() => ({ ...hosts(first), Name: "motd", TargetDir: "/etc", Content: "hello" }), "InvalidInstance.NotFound"],
  ],
  DescribeSendFileResults: [[() => ({}), "Operation.Forbidden"]],
  StartTerminalSession: [[() => hosts(first), "InvalidInstance.NotFound"]],
  EndTerminalSession: [[() => ({ SessionId: "s-1" }), "Operation.Forbidden"]],
  DescribeTerminalSessions: [[() => ({}), "Operation.Forbidden"]],
  DescribeUserBusinessBehavior: [[() => ({ StatusKey: "sessionManagerStatus" }), "Operation.Forbidden"]],
  ModifyUserBusinessBehavior: [
    [() => ({ StatusKey: "sessionManagerStatus", StatusValue: "enabled" }), "Operation.Forbidden"],
  ],

  GetParameter: [[() => ({ Name: MARK }), "EntityNotExists.Parameter"]],
  GetParameters: [[() => ({ Names: JSON.stringify([MARK]) }), NONE]],
  GetSecretParameter: [[() => ({ Name: MARK, WithDecryption: true }), "EntityNotExists.Parameter"]],
  ListParameters: [[() => [{ Name: MARK }, { Tags: JSON.stringify({ [MARK]: MARK }) }], NONE]],
  ListSecretParameters: [[() => ({ Name: MARK }), NONE]],
  UpdateParameter: [[() => ({ Name: MARK, Value: "taken" }), "EntityNotExists.Parameter"]],
  UpdateSecretParameter: [[() => ({ Name: MARK, Value: "taken" }), "EntityNotExists.Parameter"]],
  DeleteParameter: [[() => ({ Name: MARK }), "EntityNotExists.Parameter"]],
  DeleteSecretParameter: [[() => ({ Name: MARK }), "EntityNotExists.Parameter"]],
  // last, as from then on the second has one of this name too
  CreateParameter: [
    [() => ({ Name: MARK, Type: "String", Value: "taken" }), OWN],
    [() => ({ Name: ALIKE.Name, Type: "String", Value: "v" }), "EntityAlreadyExists.Parameter"],
  ],
  CreateSecretParameter: [[() => ({ Name: MARK, Value: "taken" }), OWN]],

  CreateAccount: [[() => ({ AccountName: "third" }), "NoPermission"]],
  ListAccounts: [[() => ({}), "NoPermission"]],
  CreateUser: [[() => ({ UserName: ALIKE.UserName }), "EntityAlreadyExists.User"]],
  GetUser: [[() => ({ UserName: MARK }), "EntityNotExist.User"]],
  ListUsers: [[() => ({}), OWN]],
  DeleteUser: [[() => ({ UserName: MARK }), "EntityNotExist.User"]],
  CreateAccessKey: [[() => ({ UserName: MARK }), "EntityNotExist.User"]],
  ListAccessKeys: [
    [() => ({ UserName: MARK }), "EntityNotExist.User"],
    [() => ({}), OWN],
  ],
  UpdateAccessKey: [
    [
      () =>
        [{}, { UserName: OTHER }].map((owner) => ({
          ...owner,
          UserAccessKeyId: first.accessKeyId,
          Status: "Inactive",
        })),
      "EntityNotExist.User.AccessKey",
    ],
  ],
  DeleteAccessKey: [
    [
      () => [{ UserAccessKeyId: api.target.accessKeyId }, { UserName: OTHER, UserAccessKeyId: first.accessKeyId }],
      "EntityNotExist.User.AccessKey",
    ],
  ],
  PutPolicy: [
    [
      () => ({
        PolicyName: ALIKE.PolicyName,
        PolicyDocument: '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}',
      }),
      OWN,
    ],
  ],
  GetPolicy: [[() => ({ PolicyType: "Custom", PolicyName: MARK }), "EntityNotExist.Policy"]],
  ListPolicies: [[() => ({}), OWN]],
  DeletePolicy: [[() => ({ PolicyName: MARK }), "EntityNotExist.Policy"]],
  AttachPolicyToUser: [
    [() => ({ PolicyType: "Custom", PolicyName: MARK, UserName: OTHER }), "EntityNotExist.Policy"],
    [() => ({ PolicyType: "Custom", PolicyName: ALIKE.PolicyName, UserName: MARK }), "EntityNotExist.User"],
  ],
  DetachPolicyFromUser: [
    [() => ({ PolicyType: "Custom", PolicyName: MARK, UserName: OTHER }), "EntityNotExist.User.Policy"],
  ],
  ListPoliciesForUser: [[() => ({ UserName: MARK }), "EntityNotExist.User"]],
  ExplainPolicy: [[() => ({ UserName: MARK, ActionName: "ecs:RunCommand" }), "EntityNotExist.User"]],
  AssumeRole: [
    [
      () =>
        [`${first.accountId}:root`, `${first.accountId}:user/${MARK}`].map((of) => ({
          RoleArn: `acs:ram::${of}`,
          RoleSessionName: "session",
        })),
      "NoPermission",
    ],
  ],
  GetCallerIdentity: [[() => ({}), OWN]],
};

describe("by the key of another account", () => {
  test("there is a row for every action", () => {
    expect(Object.keys(ROWS).toSorted()).toEqual(
      [...ACTIONS.values()].flatMap((named) => [...named.keys()]).toSorted(),
    );
  });

  test.each(Object.entries(LISTS))("%s lists what is its own, and counts that alone", async (action, own) => {
    const { text } = await ask(action, { MaxResults: 50 });
    expect(leaks(text, {})).toEqual([]);
    const answer = JSON.parse(text) as Json;
    expect(answer["Users"]?.User.length ?? answer["Invocation"]?.TotalCount ?? answer["TotalCount"]).toBe(own);
  });

  test.each(Object.entries(ROWS))(
    "%s: nothing of the first can be seen, changed, run, stopped or counted",
    async (action, rows) => {
      for (const [parameters, wanted] of rows) {
        for (const asked of [parameters()].flat()) {
          const { code, text } = await ask(action, asked);
          const outcome = wanted === NONE && code === "answered" ? `${NONE} ${countOf(text)}` : code;
          expect([asked, outcome]).toEqual([
            asked,
            wanted === NONE ? `${NONE} 0` : wanted === OWN ? "answered" : wanted,
          ]);
          expect(leaks(text, asked)).toEqual([]);
        }
      }
      expect(await snapshot(first, MARK)).toEqual(before);
    },
  );
});

test("quotas are each account's own", async () => {
  const full = {
    commands: { ...script(), Name: "more" },
    activations: {},
    invocations: { ...script(), ...hosts(first) },
  };
  await callAny(first.target, "CreateActivation", {});
  expect((await ask("CreateCommand", full.commands, first)).code).toBe("CmdCount.ExceedQuota");
  expect((await ask("CreateActivation", full.activations, first)).code).toBe("ActivationCount.ExceedLimit");
  expect((await ask("RunCommand", full.invocations, first)).code).toBe("Invocation.ExceedQuota");
});

test("a page token is good in its own account alone", async () => {
  for (const [action, more] of [
    ["DescribeInvocations", {}],
    ["DescribeInvocationResults", {}],
    ["DescribeCommands", {}],
    ["ListParameters", {}],
  ] as const) {
    const answer = await callAny(first.target, action, { MaxResults: 1, ...more });
    const NextToken = String(answer["NextToken"] ?? answer["Invocation"].NextToken);
    expect([action, (await ask(action, { MaxResults: 1, NextToken })).code]).toEqual([
      action,
      "InvalidParameter.NextToken",
    ]);
  }
});

/** The answer, or the refusal, as the caller has it. */
async function ask(action: string, parameters: Json, by: Tenant = second): Promise<{ code: string; text: string }> {
  return callAny(by.target, action, parameters).then(
    (answer) => ({ code: "answered", text: JSON.stringify(answer) }),
    (error: Json) => ({ code: String(error["code"]), text: `${error["message"]} ${JSON.stringify(error)}` }),
  );
}

/** What is counted and listed of what was asked for; names that are told as unknown are not. */
function countOf(text: string): number {
  const answer = JSON.parse(text) as Json;
  const { TotalCount = 0, InvalidParameters: _unknown, ...list } = (answer["Invocation"] as Json | undefined) ?? answer;
  return Number(TotalCount) + [...JSON.stringify(list).matchAll(/:\[(?!\])/g)].length;
}

/** What was not said by the caller itself. */
function leaks(text: string, asked: Json): string[] {
  const said = JSON.stringify(asked);
  return first.marks.filter((mark) => text.includes(mark) && !said.includes(mark));
}
