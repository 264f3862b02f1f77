import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { OOS_VERSION, RAM_VERSION, STS_VERSION } from "@cloud-assistant/shared/api/versions";
import type { OpenApi } from "./open-api.ts";
import type { Target } from "./sdk.ts";
import { callApi } from "./server.ts";

export type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

const STS_ACTIONS = ["AssumeRole", "GetCallerIdentity"];

/** An action of any of our APIs, by its version. */
export function callAny(target: Target, action: string, parameters: Json = {}): Promise<Json> {
  const isRam = /AccessKey|Account|User$|Users$|Polic/.test(action);
  const version = STS_ACTIONS.includes(action)
    ? STS_VERSION
    : isRam
      ? RAM_VERSION
      : /Parameter/.test(action)
        ? OOS_VERSION
        : undefined;
  return callApi(target, action, { ...(version && { Version: version }), ...parameters });
}

/** One account with one of everything. */
export type Tenant = {
  readonly accountId: string;
  readonly target: Target;
  readonly host: Instance;
  readonly activationId: string;
  readonly commandId: string;
  /** Ran and printed. */
  readonly invokeId: string;
  /** Of the command that was not kept. */
  readonly unkeptId: string;
  readonly repeatingId: string;
  readonly accessKeyId: string;
  /** Everything that names something of this account, or was said in it: nobody else may ever see one of these. */
  readonly marks: readonly string[];
};

/** What two tenants give alike, so that a look-up by it alone would mix them up. */
export const ALIKE = { ClientToken: "alike", UserName: "alike", PolicyName: "alike", Name: "alike" };
const POLICY = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';

/** @param mark is in every name, text, tag and value that the tenant gives */
export async function fillAccount(api: OpenApi, accountId: string, target: Target, mark: string): Promise<Tenant> {
  const call = (action: string, parameters: Json): Promise<Json> => callAny(target, action, parameters);
  const Tag = [{ Key: mark, Value: mark }];
  const tags = [{ key: mark, value: mark }];
  const host = await api.addInstance({
    accountId,
    tags,
    instanceName: mark,
    resourceGroupId: "rg-lab",
    host: { ...(await aHost(api)), hostname: mark, machineId: mark },
  });
  const script = {
    Type: "RunShellScript",
    CommandContent: Buffer.from(mark).toString("base64"),
    ContentEncoding: "Base64",
    Tag,
  };
  const { ActivationId, ActivationCode } = await call("CreateActivation", {
    Description: mark,
    InstanceName: mark,
    Tag,
    ClientToken: ALIKE.ClientToken,
  });
  const { CommandId } = await call("CreateCommand", {
    ...script,
    Name: mark,
    ResourceGroupId: "rg-lab",
    ClientToken: ALIKE.ClientToken,
  });
  const InstanceId = [host.instanceId];
  const ran = await call("RunCommand", {
    ...script,
    Name: mark,
    InstanceId,
    Username: mark,
    ClientToken: ALIKE.ClientToken,
  });
  await api.play({ invokeId: String(ran["InvokeId"]), instanceId: host.instanceId }, Buffer.from(mark));
  const repeating = await call("RunCommand", { ...script, InstanceId, RepeatMode: "Period", Frequency: "rate(1h)" });
  await call("CreateParameter", { Name: mark, Type: "String", Value: mark, Tags: JSON.stringify({ [mark]: mark }) });
  await call("CreateSecretParameter", { Name: mark, Value: mark });
  await call("CreateParameter", { Name: ALIKE.Name, Type: "String", Value: mark });
  await call("ModifyCloudAssistantSettings", {
    SettingType: "InvocationDelivery",
    OssDeliveryConfig: { Prefix: mark },
  });
  await call("CreateUser", { UserName: mark });
  await call("CreateUser", { UserName: ALIKE.UserName });
  const { AccessKey } = await call("CreateAccessKey", { UserName: mark });
  for (const PolicyName of [mark, ALIKE.PolicyName])
    await call("PutPolicy", { PolicyName, PolicyDocument: POLICY, Description: mark });
  await call("AttachPolicyToUser", { PolicyType: "Custom", PolicyName: mark, UserName: mark });
  const ids = {
    host,
    activationId: String(ActivationId),
    commandId: String(CommandId),
    invokeId: String(ran["InvokeId"]),
    unkeptId: String(ran["CommandId"]),
    repeatingId: String(repeating["InvokeId"]),
    accessKeyId: String(AccessKey.AccessKeyId),
  };
  const { host: _host, ...named } = ids;
  const marks = [
    mark,
    Buffer.from(mark).toString("base64"),
    accountId,
    host.instanceId,
    String(ActivationCode),
    String(repeating["CommandId"]),
    ...Object.values(named),
  ];
  return { accountId, target, ...ids, marks };
}

async function aHost(api: OpenApi): Promise<Instance["host"]> {
  return (await api.addInstance({ accountId: "none" })).host;
}

/** Whatever can be described without naming anything, and how many of it `fillAccount` makes. */
export const LISTS = {
  DescribeActivations: 1,
  DescribeCloudAssistantStatus: 1,
  DescribeCommands: 1,
  DescribeInstances: 1,
  DescribeInvocationResults: 2,
  DescribeInvocations: 2,
  DescribeManagedInstances: 1,
  ListParameters: 2,
  ListSecretParameters: 1,
  ListUsers: 2,
} as const;

/** All that the account sees of itself. */
export async function snapshot(
  { target, host, accountId }: Pick<Tenant, "target" | "host" | "accountId">,
  mark: string,
): Promise<string[]> {
  const asked: [string, Json][] = [
    ...Object.keys(LISTS).map((action): [string, Json] => [action, {}]),
    ["DescribeCloudAssistantSettings", { SettingType: ["InvocationDelivery"] }],
    ["ListTagResources", { ResourceType: "managedinstance", ResourceId: [host.instanceId] }],
    ["GetParameter", { Name: mark }],
    ["GetSecretParameter", { Name: mark, WithDecryption: true }],
    ["ListAccessKeys", {}],
    ["ListAccessKeys", { UserName: mark }],
    ["ListPolicies", { PolicyType: "Custom" }],
    ["GetPolicy", { PolicyType: "Custom", PolicyName: ALIKE.PolicyName }],
    ["ListPoliciesForUser", { UserName: mark }],
    ["GetCallerIdentity", {}],
  ];
  const answers = asked.map(async ([action, parameters]) => {
    const { RequestId: _request, ...answer } = await callAny(target, action, parameters);
    return `${accountId} ${action} ${JSON.stringify(answer)}`;
  });
  return Promise.all(answers);
}
