import { readFileSync } from "node:fs";
import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { sdkCall } from "../support/sdk.ts";
import { isUnreachable, RUN_FAMILY } from "../support/unreachable-errors.ts";

type Json = Record<string, unknown>;
type Changes = Readonly<Record<string, Json>>;
type Row = [status: number, code: string, message: string];

/** The error tables of the documented actions, as published (api-facts 4). */
const DOCUMENTED = JSON.parse(
  readFileSync(new URL("../fixtures/api/documented-errors.json", import.meta.url), "utf8"),
) as Record<string, Row[]>;
/** What fills the `%s` of a documented text. */
const FILLED: Readonly<Record<string, string>> = {
  "ActivationLimitation.Invalid": "1000",
  "ActivationCount.ExceedLimit": "2",
  "ActivationTTL.ExceedLimit": "24",
};

let api: OpenApi;
let host: Instance;
/** Has as many tags as it may. */
let full: Instance;
let unkept: string;

const call = (action: string, parameters: Json): Promise<Json> => sdkCall("pop-post", api.target, action, parameters);
const REGION = { RegionId: "cn-hangzhou" };

beforeAll(async () => {
  api = await openApi({ maxOpenActivations: 2 });
  host = await api.addInstance();
  full = await api.addInstance({ tags: Array.from({ length: 20 }, (_, n) => ({ key: `k${n}`, value: "" })) });
  const run = { ...REGION, Type: "RunShellScript", CommandContent: "echo", InstanceId: [host.instanceId] };
  unkept = String((await call("RunCommand", run))["CommandId"]);
});
afterAll(() => api.close());

const ids = (count: number): string[] => Array.from({ length: count }, (_, n) => `mi-${n}`);
const region: Changes = { "InvalidRegionId.NotFound": { RegionId: "cn-mars" } };
const TAGS: Changes = {
  "NumberExceed.Tags": { Tag: ids(21).map((Key) => ({ Key })) },
  "InvalidTagValue.Malformed": { Tag: [{ Key: "k", Value: "http://x" }] },
  "Duplicate.TagKey": { Tag: [{ Key: "k" }, { Key: "k" }] },
  "InvalidTagKey.Malformed": { Tag: [{ Key: "acs:k" }] },
  "MissingParameter.TagKey": { Tag: [{ Value: "v" }] },
  "InvalidTag.Mismatch": { Tag: [{ Value: "v" }] },
};
const PAGES: Changes = {
  "InvalidParam.PageNumber": { PageNumber: 0 },
  "InvalidParam.PageSize": { PageSize: 51 },
  "InvalidParameter.NextToken": { NextToken: "nonsense" },
  "InvalidParameter.MaxResults": { MaxResults: 101 },
};
const RESOURCES: Changes = {
  "InvalidRegionId.NotFound": { RegionId: "cn-mars" },
  "MissingParameter.RegionId": { RegionId: undefined },
  "MissingParameter.ResourceType": { ResourceType: undefined },
  "MissingParameter.ResourceIds": { ResourceId: undefined },
  "InvalidResourceType.NotFound": { ResourceType: "planet" },
  "NumberExceed.ResourceIds": { ResourceId: ids(51) },
  "InvalidResourceId.NotFound": { ResourceId: ["mi-nobody"] },
};
const resource = () => ({ ResourceType: "instance", ResourceId: [host.instanceId] });
const oss = (config: Json): Json => ({ OssDeliveryConfig: JSON.stringify(config) });
const sls = (config: Json): Json => ({ SlsDeliveryConfig: JSON.stringify(config) });
const upgrade = (config: Json): Json => ({
  SettingType: "AgentUpgradeConfig",
  AgentUpgradeConfig: JSON.stringify(config),
});

/** By action: a request that is fine, and what to change in it for each code. */
const PROVOKED: Readonly<Record<string, () => { readonly fine: Json; readonly changes: Changes }>> = {
  DescribeCloudAssistantStatus: () => ({
    fine: {},
    changes: {
      ...region,
      ...PAGES,
      "MissingParam.InstanceId": { InstanceId: [""] },
      "InstanceIds.ExceedLimit": { InstanceId: ids(101) },
      "InvalidInstance.NotFound": { InstanceId: ids(1) },
    },
  }),
  InstallCloudAssistant: () => ({
    fine: { InstanceId: [host.instanceId] },
    changes: {
      ...region,
      "MissingParam.InstanceId": { InstanceId: [] },
      "InstanceIds.ExceedLimit": { InstanceId: ids(51) },
      "InvalidInstance.NotFound": { InstanceId: ids(1) },
    },
  }),
  SendFile: () => ({
    fine: { InstanceId: [host.instanceId], Name: "n", TargetDir: "/etc", Content: "c" },
    changes: {
      ...region,
      ...TAGS,
      "MissingParam.InstanceId": { InstanceId: [] },
      "InstanceIds.ExceedLimit": { InstanceId: ids(51) },
      "InvalidInstance.NotFound": { InstanceId: ids(1) },
      "InvalidResourceGroup.NotFound": { ResourceGroupId: "rg-nobody" },
      "FileTargetDir.Invalid": { TargetDir: "etc" },
      "FileMode.Invalid": { FileMode: "9" },
      "FileContent.DecodeError": { ContentType: "Base64", Content: "%" },
      "FileContentType.Invalid": { ContentType: "Hex" },
      "InvalidParameter.FileOwner": { FileOwner: "a b" },
      "InvalidParameter.FileGroup": { FileGroup: "a b" },
      "FileSize.ExceedLimit": { Content: "c".repeat(24_577) },
      "FileName.ExceedLimit": { Name: "n".repeat(256) },
      "FileDesc.ExceedLimit": { Description: "d".repeat(513) },
      "InvalidTimeout.ExceedLimit": { Timeout: 86_401 },
    },
  }),
  DescribeSendFileResults: () => ({ fine: {}, changes: { ...region, ...TAGS, ...PAGES } }),
  CreateActivation: () => ({
    fine: {},
    changes: {
      ...region,
      ...TAGS,
      "InstanceName.ExceedLimit": { InstanceName: "n".repeat(51) },
      "InstanceName.InvalidPattern": { InstanceName: "1" },
      "ActivationDesc.ExceedLimit": { Description: "d".repeat(101) },
      "ActivationLimitation.Invalid": { InstanceCount: 1001 },
      "AddressRange.InvalidPattern": { IpAddressRange: "everywhere" },
      "ActivationTTL.ExceedLimit": { TimeToLiveInHours: 25 },
      "InvalidResourceGroup.NotFound": { ResourceGroupId: "rg-nobody" },
      "ActivationCount.ExceedLimit": { InstanceName: "one-too-many" },
    },
  }),
  DescribeActivations: () => ({ fine: {}, changes: { ...region, ...TAGS, ...PAGES } }),
  DisableActivation: () => ({ fine: { ActivationId: "A" }, changes: { ...region, "ActivationId.NotFound": {} } }),
  DeleteActivation: () => ({
    fine: { ActivationId: host.activationId },
    changes: { ...region, "ActivationId.NotFound": { ActivationId: "A" }, "ActivationId.InUse": {} },
  }),
  DescribeManagedInstances: () => ({ fine: {}, changes: { ...region, ...TAGS, ...PAGES } }),
  ModifyManagedInstance: () => ({
    fine: { InstanceId: host.instanceId, InstanceName: "name" },
    changes: {
      ...region,
      "InstanceName.ExceedLimit": { InstanceName: "n".repeat(129) },
      "InstanceName.InvalidPattern": { InstanceName: "1" },
      "InvalidInstance.NotFound": { InstanceId: "mi-0" },
    },
  }),
  DeregisterManagedInstance: () => ({
    fine: { InstanceId: "mi-0" },
    changes: { ...region, "InvalidInstance.NotFound": {} },
  }),
  StartTerminalSession: () => ({
    fine: { InstanceId: [host.instanceId] },
    changes: {
      ...region,
      "PortNumber.Invalid": { PortNumber: 0 },
      "InvalidParameter.ConnectionType": { ConnectionType: "Pigeon" },
      "InstanceIds.ExceedLimit": { InstanceId: ids(11) },
      "InvalidCommandLine.Conflict": { CommandLine: "top", PortNumber: 1 },
      "InvalidTargetServer.MissingPortNumber": { TargetServer: "db" },
      "InvalidCommandLine.LengthLimitExceeded": { CommandLine: "c".repeat(513) },
      "InvalidInstanceIds.CountLimitExceeded": { InstanceId: ids(2), CommandLine: "top" },
      "Username.ExceedLimit": { Username: "u".repeat(256) },
      "InvalidTargetServer.LengthLimitExceeded": { TargetServer: "t".repeat(129), PortNumber: 1 },
      "InvalidPasswordName.LengthLimitExceeded": { PasswordName: "p".repeat(256) },
      "InvalidInstance.NotFound": { InstanceId: ids(1) },
    },
  }),
  DescribeTerminalSessions: () => ({ fine: {}, changes: { ...region, ...PAGES } }),
  ModifyCloudAssistantSettings: () => ({
    fine: { SettingType: "InvocationDelivery" },
    changes: {
      ...region,
      "InvalidParameter.SettingType": { SettingType: "Everything" },
      "InvalidParameter.OssEncryptionType": oss({ EncryptionType: "x" }),
      "InvalidParameter.OssEncryptionAlgorithm": oss({ EncryptionAlgorithm: "x" }),
      "InvalidParameter.OssEncryptionKeyId": oss({ EncryptionKeyId: "a b" }),
      "InvalidParameter.OssBucketName": oss({ BucketName: "B" }),
      "InvalidParameter.OssPrefix": oss({ Prefix: "/" }),
      "InvalidParameter.SlsProjectName": sls({ ProjectName: "P" }),
      "InvalidParameter.SlsLogstoreName": sls({ LogstoreName: "L" }),
      "InvalidSlsProjectName.NotFound": sls({ Enabled: true, ProjectName: "pro", LogstoreName: "log" }),
      "InvalidOperation.OssEncryptionUnsupported": oss({ EncryptionAlgorithm: "SM4" }),
      "InvalidOperation.SessionManagerDeliveryUnsupported": {
        SettingType: "SessionManagerDelivery",
        ...oss({ Enabled: true, BucketName: "bucket" }),
      },
      "InvalidParameter.AllowedUpgradeWindow": upgrade({ AllowedUpgradeWindow: ["noon"] }),
      "InvalidAllowedUpgradeWindow.DurationTooShort": upgrade({ AllowedUpgradeWindow: ["02:00-02:59"] }),
      "InvalidAllowedUpgradeWindow.Required": upgrade({ Enabled: true }),
      "InvalidAllowedUpgradeWindow.CountLimitExceeded": upgrade({ AllowedUpgradeWindow: Array(6).fill("02:00-03:00") }),
      "InvalidParameter.TimeZone": upgrade({ TimeZone: "x/y" }),
    },
  }),
  DescribeCloudAssistantSettings: () => ({
    fine: { SettingType: ["AgentUpgradeConfig"] },
    changes: { ...region, "InvalidParameter.SettingType": { SettingType: ["Everything"] } },
  }),
  TagResources: () => ({
    fine: { ...resource(), Tag: [{ Key: "k" }] },
    changes: {
      ...RESOURCES,
      ...TAGS,
      "MissingParameter.Tags": { Tag: undefined },
      "OperationDenied.QuotaExceed": { ResourceId: [full.instanceId], Tag: [{ Key: "more" }] },
      "InvalidResourceId.NotSupported": { ResourceType: "command", ResourceId: [unkept] },
      "NoPermission.Tag": { Tag: [{ Key: "acs:rm:rgId" }] },
      "TagKey.Duplication": { Tag: [{ Key: "k" }, { Key: "K" }] },
    },
  }),
  UntagResources: () => ({
    fine: { ...resource(), TagKey: ["k"] },
    changes: {
      ...RESOURCES,
      "MissingParameter.Tags": { TagKey: undefined },
      "NumberExceed.Tags": { TagKey: ids(21) },
      "Duplicate.TagKey": { TagKey: ["k", "k"] },
      "InvalidTagKey.Malformed": { TagKey: ["acs:k"] },
      "InvalidResourceId.NotSupported": { ResourceType: "command", ResourceId: [unkept] },
      "Param.Conflict": { All: true },
    },
  }),
  ListTagResources: () => ({
    fine: { ...resource(), Tag: [{ Key: "k" }] },
    changes: {
      ...RESOURCES,
      ...TAGS,
      "InvalidDefaultResourceGroup.NotSupported": { Tag: [{ Key: "acs:rm:rgId", Value: "rg-default" }] },
      "InvalidTag.NotSupported": { Tag: [{ Key: "acs:rm:rgId", Value: "rg-1" }, { Key: "k" }] },
      "InvalidTags.MalFormed": { TagFilter: [{ TagKey: "k" }] },
      "BothEmpty.TagsAndResources": { ResourceId: undefined, Tag: undefined },
      "NumberExceed.TagValues": { Tag: undefined, TagFilter: [{ TagKey: "k", TagValues: ids(6) }] },
      "InvalidTagFilter.Malformed": { Tag: undefined, TagFilter: [{ TagValues: ["v"] }] },
      "Invalid.NextToken": { NextToken: "nonsense" },
    },
  }),
  DescribeRegions: () => ({
    fine: {},
    changes: {
      "Invalid.InstanceChargeType": { InstanceChargeType: "x" },
      "InvalidAcceptLanguage.NotFound": { AcceptLanguage: "x" },
      "InvalidResourceType.NotFound": { ResourceType: "x" },
    },
  }),
  DescribeInstances: () => ({
    fine: {},
    changes: {
      ...TAGS,
      InvalidTagCount: { Tag: ids(21).map((Key) => ({ Key })) },
      "InvalidInstanceChargeType.NotFound": { InstanceChargeType: "x" },
      "InvalidInternetChargeType.ValueNotSupported": { InternetChargeType: "x" },
      "InvalidLockReason.NotFound": { LockReason: "x" },
      "InvalidFilterKey.NotFound": { Filter: [{ Key: "x", Value: "1" }] },
      "InvalidNetworkType.NotFound": { InstanceNetworkType: "x" },
      "InvalidStatus.NotFound": { Status: "x" },
      "InvalidHpcClusterId.NotFound": { HpcClusterId: "x" },
    },
  }),
};

const REACHABLE = Object.entries(DOCUMENTED)
  .filter(([action]) => !RUN_FAMILY.includes(action))
  .map(([action, rows]) => [action, rows.filter(([, code]) => !isUnreachable(action, code))] as const)
  .filter(([, rows]) => rows.length > 0);

describe.each(REACHABLE)("%s", (action, rows) => {
  test.each(rows)("%i %s", async (status, code, text) => {
    const plan = PROVOKED[action]?.();
    const change = plan?.changes[code];
    if (!change) throw new Error("nobody says how to provoke it, nor why it cannot be");
    // the quota is used up by one activation that hosts came with, and one that is made here
    if (code === "ActivationCount.ExceedLimit") await call(action, REGION);
    const given = Object.entries({ ...REGION, ...plan?.fine, ...change }).filter(([, value]) => value !== undefined);
    const refused = await call(action, Object.fromEntries(given)).catch((error: unknown) => error);
    // DescribeInstances publishes one code without its text
    const data = text === "" ? {} : { Message: text.replace("%s", FILLED[code] ?? "%s") };
    expect(refused).toMatchObject({ code, entry: { response: { statusCode: status } }, data });
  });
});
