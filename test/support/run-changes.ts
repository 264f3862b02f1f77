import type { Instance } from "@cloud-assistant/control-plane/store/store";

type Json = Record<string, unknown>;
/** By error code: what to change in a request that is fine. */
export type Changes = Readonly<Record<string, Json>>;

export const many = (count: number, name: string): Json =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`${name}${n}`, ""]));
const placeholders = Array.from({ length: 21 }, (_, n) => `{{p${n}}}`).join("");
export const TAGS: Changes = {
  "NumberExceed.Tags": { Tag: Array.from({ length: 21 }, (_, n) => ({ Key: `k${n}` })) },
  "InvalidTagValue.Malformed": { Tag: [{ Key: "k", Value: "http://x" }] },
  "Duplicate.TagKey": { Tag: [{ Key: "k" }, { Key: "k" }] },
  "InvalidTagKey.Malformed": { Tag: [{ Key: "acs:k" }] },
  "MissingParameter.TagKey": { Tag: [{ Value: "v" }] },
};
export const PAGES: Changes = {
  "InvalidParam.PageNumber": { PageNumber: 0 },
  "InvalidParam.PageSize": { PageSize: 51 },
  "InvalidParameter.NextToken": { NextToken: "nonsense" },
  "InvalidParameter.MaxResults": { MaxResults: 51 },
};
export const TEXTS: Changes = {
  "InvalidParameter.WorkingDir": { WorkingDir: "/".repeat(201) },
  "CmdName.ExceedLimit": { Name: "n".repeat(129) },
  "CmdDesc.ExceedLimit": { Description: "d".repeat(513) },
  "InvalidParameterCharacter.CommandName": { Name: "\u0001" },
  "InvalidParameterCharacter.CommandDescription": { Description: "\u0001" },
  "InvalidParameterCharacter.CommandWorkingDir": { WorkingDir: "/\u0001" },
  "InvalidLauncher.LengthLimitExceeded": { Launcher: "l".repeat(1025) },
  "InvalidTimeout.ExceedLimit": { Timeout: 86_401 },
  "InvalidCmdType.NotFound": { Type: "RunPython" },
  "InvalidResourceGroup.NotFound": { ResourceGroupId: "rg-nobody" },
};
export const CONTENTS: Changes = {
  "CmdParam.EmptyKey": { CommandContent: "{{}}" },
  "CmdParam.InvalidParamName": { CommandContent: "{{a b}}" },
  "CmdContent.DecodeError": { CommandContent: "%", ContentEncoding: "Base64" },
  "CmdContent.ExceedLimit": { CommandContent: "x".repeat(18_433) },
  "CmdParamCount.ExceedLimit": { CommandContent: placeholders },
  "CmdParamName.ExceedLimit": { CommandContent: `{{${"n".repeat(65)}}}` },
};
export const region: Changes = { "InvalidRegionId.NotFound": { RegionId: "cn-mars" } };
/** What RunCommand and InvokeCommand refuse alike. */
export const runs = (windows: Instance): Changes => ({
  ...TEXTS,
  ...region,
  "MissingParam.InstanceId": { InstanceId: [] },
  "InvalidContainerId.Malformed": { ContainerId: "docker://1" },
  "InvalidContainerName.Malformed": { ContainerName: "-" },
  "InvalidClientToken.Malformed": { ClientToken: "é" },
  "InvalidInstance.NotMatch": { InstanceId: [windows.instanceId] },
  "InvalidInstance.NotFound": { InstanceId: ["mi-nobody"] },
  "MissingParam.Frequency": { RepeatMode: "Period" },
  "InvalidParam.Frequency": { Frequency: "every day" },
  "ParameterKey.Duplicate": { Parameters: '{"who":"1","who":"2"}' },
  "Parameter.NotMatched": { Parameters: '{"other":"1"}' },
  "ParameterCount.ExceedLimit": { Parameters: JSON.stringify(many(11, "k")) },
  "ParameterKey.ExceedLimit": { Parameters: JSON.stringify(many(1, "k".repeat(65))) },
  "ParameterType.NotSupported": { Parameters: '{"who":1}' },
  "InvalidParameter.Parameters": { Parameters: "{" },
  "InvalidParameterCharset.Parameters": { Parameters: '{"who":"\\ud800"}' },
  "NumberExceed.ResourceTags": {
    InstanceId: [],
    ResourceTag: Array.from({ length: 21 }, (_, n) => ({ Key: `k${n}` })),
  },
  "MissingParameter.ResourceTagKey": { InstanceId: [], ResourceTag: [{ Value: "v" }] },
  "InvalidResourceTagKey.Malformed": { InstanceId: [], ResourceTag: [{ Key: "aliyun" }] },
  "InvalidResourceTagValue.Malformed": { InstanceId: [], ResourceTag: [{ Key: "k", Value: "https://" }] },
  "Duplicate.ResourceTagKey": { InstanceId: [], ResourceTag: [{ Key: "k" }, { Key: "k" }] },
  "InvalidResourceTag.InstanceNotFound": { InstanceId: [], ResourceTag: [{ Key: "nobody", Value: "has" }] },
  "InvalidResourceTag.ConflictWithInstanceIds": { ResourceTag: [{ Key: "k" }] },
  "InstanceIds.ExceedLimit": { InstanceId: Array.from({ length: 101 }, (_, n) => `mi-${n}`) },
  "Username.ExceedLimit": { Username: "u".repeat(256) },
  "WindowsPasswordName.ExceedLimit": { WindowsPasswordName: "p".repeat(256) },
  "InvalidRepeatMode.NotFound": { RepeatMode: "Never" },
  "InvalidTerminationMode.NotFound": { TerminationMode: "Never" },
});
