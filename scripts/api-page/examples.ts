import type { ApiErrorCode } from "@cloud-assistant/shared/errors";
import { TOLD_OF_IDENTITY } from "./identity-examples.ts";

/** What an action does, in a line, and a call that makes sense of it: nothing in a schema says either. */
export type Told = {
  readonly summary: string;
  readonly example: Readonly<Record<string, unknown>>;
  /** Instead of calls by SDKs that do not have it. */
  readonly cli?: string;
  /** Where the published list is not what we go by. */
  readonly errors?: readonly ApiErrorCode[];
};

const INVOKE_ID = "t-1234567890abcdefghij";
const INSTANCE_ID = "mi-1234567890abcdefghij";
const COMMAND_ID = "c-1234567890abcdefghij";
const ACTIVATION_ID = "0F9A6C1E-1234-4ABC-9DEF-0123456789AB";
const tag = [{ Key: "rack", Value: "7" }];

export const TOLD: Readonly<Record<string, Told>> = {
  RunCommand: {
    summary: "Runs a script on hosts. Offline hosts are waited for (DeliveryTimeout, ours).",
    example: { Type: "RunShellScript", CommandContent: "uptime", InstanceId: [INSTANCE_ID], Timeout: 60 },
  },
  CreateCommand: {
    summary: "Keeps a script to be run by InvokeCommand.",
    example: { Name: "greet", Type: "RunShellScript", CommandContent: "ZWNobyB7e25hbWV9fQ==", EnableParameter: true },
  },
  ModifyCommand: {
    summary: "Changes what is given of a kept command; the rest stays.",
    example: { CommandId: COMMAND_ID, Description: "says hello" },
  },
  DeleteCommand: { summary: "Deletes a kept command that no open schedule uses.", example: { CommandId: COMMAND_ID } },
  DescribeCommands: { summary: "Lists kept commands.", example: { Name: "greet*", PageSize: 50 } },
  InvokeCommand: {
    summary: "Runs a kept command on hosts.",
    example: { CommandId: COMMAND_ID, InstanceId: [INSTANCE_ID], Parameters: { name: "world" } },
  },
  StopInvocation: {
    summary: "Ends what runs, cancels what waits, and ends a schedule.",
    example: { InvokeId: INVOKE_ID },
  },
  DescribeInvocations: {
    summary: "Lists invocations with their commands and the state of each host.",
    example: { InvokeId: INVOKE_ID, IncludeOutput: true },
  },
  DescribeInvocationResults: {
    summary: "Lists results with their output, one for each host and run.",
    example: { InvokeId: INVOKE_ID, ContentEncoding: "PlainText" },
  },
  ModifyInvocationAttribute: {
    summary: "Changes an open schedule, or adds hosts to it.",
    example: { InvokeId: INVOKE_ID, Frequency: "rate(1h)" },
  },
  StreamInvocationOutput: {
    summary: "Ours: the output live, as lines of JSON, from any byte on.",
    example: { InvokeId: INVOKE_ID, Follow: true },
    cli: "logs t-1 --follow",
  },
  DescribeCloudAssistantStatus: {
    summary: "Tells whether agents are connected, and what they do.",
    example: { InstanceId: [INSTANCE_ID] },
  },
  InstallCloudAssistant: {
    summary: "Succeeds for registered hosts, which have their agent; others get one by `agent register`.",
    example: { InstanceId: [INSTANCE_ID] },
  },
  CreateActivation: {
    summary: "Makes an id and a code with which hosts register. The code is shown only here.",
    example: { InstanceName: "rack7", InstanceCount: 20, TimeToLiveInHours: 4, Tag: tag },
  },
  DescribeActivations: { summary: "Lists activations.", example: { InstanceName: "rack" } },
  DisableActivation: {
    summary: "Lets no more hosts register with an activation; those that have, stay.",
    example: { ActivationId: ACTIVATION_ID },
  },
  DeleteActivation: {
    summary: "Deletes an activation with which no host was ever registered.",
    example: { ActivationId: ACTIVATION_ID },
  },
  DescribeManagedInstances: { summary: "Lists registered hosts.", example: { Connected: "true", Tag: tag } },
  ModifyManagedInstance: { summary: "Renames a host.", example: { InstanceId: INSTANCE_ID, InstanceName: "db-1" } },
  DeregisterManagedInstance: {
    summary: "Takes a host out of service for good: open runs end, its agent ends, its id is never given again.",
    example: { InstanceId: INSTANCE_ID },
  },
  DescribeInstances: {
    summary: "Lists registered hosts as if they were instances of a cloud.",
    example: { InstanceIds: `["${INSTANCE_ID}"]` },
  },
  DescribeRegions: { summary: "Lists the configured regions, all of them at this endpoint.", example: {} },
  ModifyCloudAssistantSettings: {
    summary:
      "Sets a group of settings; members that are left out stay. Kept and described; agents do not follow them yet.",
    example: {
      SettingType: "AgentUpgradeConfig",
      AgentUpgradeConfig: { Enabled: true, AllowedUpgradeWindow: ["02:00-03:00"], TimeZone: "Asia/Shanghai" },
    },
  },
  DescribeCloudAssistantSettings: {
    summary: "Describes groups of settings.",
    example: { SettingType: ["AgentUpgradeConfig"] },
  },
  TagResources: {
    summary: "Tags resources, all of them or none.",
    example: { ResourceType: "managedinstance", ResourceId: [INSTANCE_ID], Tag: tag },
  },
  UntagResources: {
    summary: "Removes tags.",
    example: { ResourceType: "managedinstance", ResourceId: [INSTANCE_ID], TagKey: ["rack"] },
  },
  ListTagResources: {
    summary: "Lists the tags of resources that are named, or that have the tags asked for.",
    example: { ResourceType: "managedinstance", Tag: tag },
  },
  SendFile: {
    summary: "Not yet: checks its parameters, then answers `Operation.Forbidden`.",
    example: { InstanceId: [INSTANCE_ID], Name: "motd", TargetDir: "/etc", Content: "hello" },
  },
  DescribeSendFileResults: {
    summary: "Not yet: checks its parameters, then answers `Operation.Forbidden`.",
    example: { Name: "motd" },
  },
  StartTerminalSession: {
    summary: "Not yet: checks its parameters, then answers `Operation.Forbidden`.",
    example: { InstanceId: [INSTANCE_ID] },
  },
  EndTerminalSession: {
    summary: "Not yet: checks its parameters, then answers `Operation.Forbidden`.",
    example: { SessionId: "s-1" },
  },
  DescribeTerminalSessions: {
    summary: "Not yet: checks its parameters, then answers `Operation.Forbidden`.",
    example: { MaxResults: 10 },
  },
  DescribeUserBusinessBehavior: {
    summary: "Not yet: checks its parameters, then answers `Operation.Forbidden`.",
    example: { StatusKey: "sessionManagerStatus" },
  },
  ModifyUserBusinessBehavior: {
    summary: "Not yet: checks its parameters, then answers `Operation.Forbidden`.",
    example: { StatusKey: "sessionManagerStatus", StatusValue: "enabled" },
  },
  CreateParameter: {
    summary: "Makes a plain parameter, which scripts refer to as `{{oos:NAME}}`.",
    example: { Name: "app/port", Type: "String", Value: "8080" },
  },
  UpdateParameter: {
    summary: "Gives a plain parameter its next value, or other words.",
    example: { Name: "app/port", Value: "9090" },
  },
  GetParameter: {
    summary: "Reads a plain parameter, the newest value or an earlier one.",
    example: { Name: "app/port", ParameterVersion: 1 },
  },
  GetParameters: {
    summary: "Reads several plain parameters; those that are not there are told apart.",
    example: { Names: '["app/port","app/host"]' },
  },
  ListParameters: {
    summary: "Lists plain parameters without their values.",
    example: { Path: "app/", SortField: "Name", SortOrder: "Ascending" },
  },
  DeleteParameter: { summary: "Deletes a plain parameter with all of its values.", example: { Name: "app/port" } },
  CreateSecretParameter: {
    summary: "Makes a secret parameter, which scripts refer to as `{{oos-secret:NAME}}`.",
    example: { Name: "db/password", Value: "…" },
  },
  UpdateSecretParameter: {
    summary: "Gives a secret parameter its next value, or other words.",
    example: { Name: "db/password", Value: "…" },
  },
  GetSecretParameter: {
    summary: "Reads a secret parameter; its value only when it is asked for.",
    example: { Name: "db/password", WithDecryption: true },
  },
  ListSecretParameters: { summary: "Lists secret parameters without their values.", example: { Path: "db/" } },
  DeleteSecretParameter: {
    summary: "Deletes a secret parameter with all of its values.",
    example: { Name: "db/password" },
  },
  ...TOLD_OF_IDENTITY,
};
