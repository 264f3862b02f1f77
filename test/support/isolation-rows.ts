import { ALIKE, type Json, type Tenant } from "./tenant.ts";

/** Is in all that the first account has. */
export const MARK = "first-tenant-canary";
export const OTHER = "second-tenant";

export const script = (): Json => ({ Type: "RunShellScript", CommandContent: Buffer.from("id").toString("base64") });
export const hosts = (...tenants: Tenant[]): Json => ({ InstanceId: tenants.map(({ host }) => host.instanceId) });
const tag = [{ Key: MARK, Value: MARK }];
const everyKind = (first: Tenant, more: Json): Json[] =>
  Object.entries({
    managedinstance: first.host.instanceId,
    instance: first.host.instanceId,
    activation: first.activationId,
    command: first.commandId,
    invocation: first.invokeId,
  }).map(([ResourceType, id]) => ({ ResourceType, ResourceId: [id], ...more }));

/** Nothing is found. */
export const NONE = "none";
/** It is done, to what is the second's own. */
export const OWN = "own";

type Tenants = { readonly first: Tenant; readonly second: Tenant };

/** Every action, asked by the second account for what the first one has, and what it must be told. */
export const ROWS: Readonly<Record<string, readonly [(tenants: Tenants) => Json | Json[], string][]>> = {
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
  DescribeActivations: [
    [({ first }) => [{ ActivationId: first.activationId }, { InstanceName: MARK }, { Tag: tag }], NONE],
  ],
  DisableActivation: [[({ first }) => ({ ActivationId: first.activationId }), "ActivationId.NotFound"]],
  DeleteActivation: [[({ first }) => ({ ActivationId: first.activationId }), "ActivationId.NotFound"]],

  DescribeInstances: [
    [
      ({ first }) => [{ InstanceIds: JSON.stringify([first.host.instanceId]) }, { InstanceName: MARK }, { Tag: tag }],
      NONE,
    ],
  ],
  DescribeManagedInstances: [
    [
      ({ first }) => [
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
  DescribeCloudAssistantStatus: [
    [({ first, second }) => [hosts(first), hosts(second, first)], "InvalidInstance.NotFound"],
  ],
  InstallCloudAssistant: [[({ first }) => hosts(first), "InvalidInstance.NotFound"]],
  ModifyManagedInstance: [
    [({ first }) => ({ InstanceId: first.host.instanceId, InstanceName: "taken" }), "InvalidInstance.NotFound"],
  ],
  DeregisterManagedInstance: [[({ first }) => ({ InstanceId: first.host.instanceId }), "InvalidInstance.NotFound"]],

  CreateCommand: [[() => ({ ...script(), Name: OTHER }), OWN]],
  DescribeCommands: [
    [({ first }) => [{ CommandId: first.commandId }, { Name: MARK }, { Name: "first*" }, { Tag: tag }], NONE],
    [() => ({ ResourceGroupId: "rg-lab" }), OWN],
  ],
  ModifyCommand: [[({ first }) => ({ CommandId: first.commandId, Name: "taken" }), "InvalidCmdId.NotFound"]],
  DeleteCommand: [[({ first }) => ({ CommandId: first.commandId }), "InvalidCmdId.NotFound"]],
  InvokeCommand: [
    [({ first, second }) => ({ CommandId: first.commandId, ...hosts(second) }), "InvalidCmdId.NotFound"],
    [({ first, second }) => ({ CommandId: second.commandId, ...hosts(second, first) }), "InvalidInstance.NotFound"],
    [({ second }) => ({ CommandId: second.commandId, ResourceTag: tag }), "InvalidResourceTag.InstanceNotFound"],
  ],
  RunCommand: [
    [({ first }) => ({ ...script(), ...hosts(first) }), "InvalidInstance.NotFound"],
    [() => ({ ...script(), ResourceTag: tag }), "InvalidResourceTag.InstanceNotFound"],
    [({ first }) => ({ ...script(), ...hosts(first), ResourceGroupId: "rg-lab" }), "InvalidInstance.NotFound"],
    [
      ({ second }) =>
        ["oos", "oos-secret"].map((kind) => ({
          ...script(),
          ...hosts(second),
          EnableParameter: true,
          ContentEncoding: "PlainText",
          CommandContent: `{{${kind}:${MARK}}}`,
        })),
      "ParameterStore.InvalidParameters",
    ],
    [({ second }) => ({ ...script(), ...hosts(second) }), OWN],
  ],
  DescribeInvocations: [
    [
      ({ first }) => [
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
      ({ first }) => [
        { InvokeId: first.invokeId },
        { CommandId: first.unkeptId },
        { InstanceId: first.host.instanceId },
        { Tag: tag },
      ],
      NONE,
    ],
  ],
  StreamInvocationOutput: [[({ first }) => ({ InvokeId: first.invokeId }), "InvalidInvokeId.NotFound"]],
  StopInvocation: [
    [
      ({ first }) => [{ InvokeId: first.repeatingId }, { InvokeId: first.repeatingId, ...hosts(first) }],
      "InvalidInvokeId.NotFound",
    ],
  ],
  ModifyInvocationAttribute: [
    [({ first }) => ({ InvokeId: first.repeatingId, Frequency: "rate(2h)" }), "InvalidInvokeId.NotFound"],
    [({ first, second }) => ({ InvokeId: second.repeatingId, ...hosts(first) }), "InvalidInstanceId.NotFound"],
  ],

  TagResources: [
    [({ first }) => everyKind(first, { Tag: [{ Key: "taken", Value: "taken" }] }), "InvalidResourceId.NotFound"],
    // whose command it was is not told either: `NotSupported` is for one's own
    [
      ({ first }) => ({ ResourceType: "command", ResourceId: [first.unkeptId], Tag: tag }),
      "InvalidResourceId.NotFound",
    ],
  ],
  UntagResources: [[({ first }) => everyKind(first, { All: true }), "InvalidResourceId.NotFound"]],
  ListTagResources: [
    [
      ({ first }) => [
        ...everyKind(first, {}),
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
    [
      ({ first }) => ({ ...hosts(first), Name: "motd", TargetDir: "/etc", Content: "hello" }),
      "InvalidInstance.NotFound",
    ],
  ],
  DescribeSendFileResults: [[() => ({}), "Operation.Forbidden"]],
  StartTerminalSession: [[({ first }) => hosts(first), "InvalidInstance.NotFound"]],
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
      ({ first }) =>
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
      ({ first }) => [
        { UserAccessKeyId: first.target.accessKeyId },
        { UserName: OTHER, UserAccessKeyId: first.accessKeyId },
      ],
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
      ({ first }) =>
        [`${first.accountId}:root`, `${first.accountId}:user/${MARK}`].map((of) => ({
          RoleArn: `acs:ram::${of}`,
          RoleSessionName: "session",
        })),
      "NoPermission",
    ],
  ],
  GetCallerIdentity: [[() => ({}), OWN]],
};
