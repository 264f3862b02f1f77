import * as z from "zod";
import {
  clientToken,
  code,
  idList,
  idListOf,
  flag,
  integer,
  jsonTextList,
  oneOf,
  optional,
  paging,
  read,
  required,
} from "./fields.ts";
import type { TagAnswer, TokenPage } from "./answers.ts";
import { TAG_CODES, tagList, tags } from "./tags.ts";

/** Case differs between the actions' documents (api-facts 4.19), so it does not count. */
const OS_TYPES = ["windows", "linux", "freebsd"] as const;
const osType = read((given) => OS_TYPES.find((known) => known === given.toLowerCase()), "InvalidParameter", {
  takes: "`windows`, `linux`, `FreeBSD`, in any case",
});

export const DescribeManagedInstancesInput = z.object({
  RegionId: required(),
  InstanceId: idList.refine((ids) => ids.length <= 50, { error: "InvalidParameter" }).meta({ takes: "up to 50 ids" }),
  InstanceName: optional,
  InstanceIp: optional,
  MachineId: optional,
  OsType: osType,
  ActivationId: optional,
  Connected: flag,
  ResourceGroupId: optional,
  Tag: tags,
  ...paging,
});

export type ManagedInstanceAnswer = {
  readonly InstanceId: string;
  readonly InstanceName: string;
  readonly ActivationId: string;
  readonly Hostname: string;
  readonly MachineId: string;
  readonly OsType: string;
  readonly OsVersion: string;
  readonly AgentVersion: string;
  readonly IntranetIp: string;
  readonly InternetIp: string;
  readonly Connected: boolean;
  readonly RegistrationTime: string;
  readonly LastInvokedTime: string;
  readonly InvocationCount: number;
  readonly ResourceGroupId: string;
  readonly Tags: readonly TagAnswer[];
};
export type DescribeManagedInstancesAnswer = TokenPage & { readonly Instances: readonly ManagedInstanceAnswer[] };

/** 2 to 128 characters; a URL cannot be among them, as the pattern has no slash. */
const newName = required()
  .refine((name) => name.length <= 128, code("InstanceName.ExceedLimit"))
  .refine((name) => /^[A-Za-z][A-Za-z0-9._:-]+$/.test(name), code("InstanceName.InvalidPattern"))
  .meta({ takes: "2 to 128 letters, digits, `.`, `_`, `:`, `-`, a letter first" });

export const ModifyManagedInstanceInput = z.object({
  RegionId: required(),
  InstanceId: required(),
  InstanceName: newName,
});
export type ModifyManagedInstanceAnswer = {
  readonly Instance: { readonly InstanceId: string; readonly InstanceName: string };
};

export const DeregisterManagedInstanceInput = z.object({
  RegionId: required(),
  ClientToken: clientToken,
  InstanceId: required(),
});
export type DeregisterManagedInstanceAnswer = { readonly Instance: Omit<ManagedInstanceAnswer, "Connected" | "Tags"> };

export const INSTALL_MAX_INSTANCES = 50;
export const InstallCloudAssistantInput = z.object({
  RegionId: required(),
  InstanceId: idList
    .refine((ids) => ids.length > 0, "MissingParam.InstanceId")
    .refine((ids) => ids.length <= INSTALL_MAX_INSTANCES, "InstanceIds.ExceedLimit")
    .meta({ takes: `1 to ${INSTALL_MAX_INSTANCES} ids` }),
});

/** The limit is not stated; RunCommand's is taken. */
const MAX_STATUS_INSTANCES = 100;

export const DescribeCloudAssistantStatusInput = z.object({
  RegionId: required(),
  InstanceId: idListOf("MissingParam.InstanceId")
    .refine((ids) => ids.length <= MAX_STATUS_INSTANCES, "InstanceIds.ExceedLimit")
    .meta({
      takes: `up to ${MAX_STATUS_INSTANCES} ids`,
    }),
  OSType: osType,
  ...paging,
});

export type CloudAssistantStatusAnswer = {
  readonly InstanceId: string;
  /** Text, not boolean. */
  readonly CloudAssistantStatus: "true" | "false";
  readonly CloudAssistantVersion: string;
  readonly OSType: string;
  readonly LastHeartbeatTime: string;
  readonly LastInvokedTime: string;
  readonly ActiveTaskCount: number;
  readonly InvocationCount: number;
  readonly SupportSessionManager: boolean;
};
export type DescribeCloudAssistantStatusAnswer = TokenPage & {
  readonly InstanceCloudAssistantStatusSet: {
    readonly InstanceCloudAssistantStatus: readonly CloudAssistantStatusAnswer[];
  };
};

const addresses = jsonTextList;
/** Lower values act as 10, higher ones as 100 (api-facts 1.6). */
const clampedResults = integer(0, Number.MAX_SAFE_INTEGER, "InvalidParameter.MaxResults")
  .transform((given) => (given === undefined ? undefined : Math.min(Math.max(given, 10), 100)))
  .meta({ takes: "10 to 100; what is lower counts as 10, what is higher as 100" });

const FILTER_KEYS = ["CreationStartTime", "CreationEndTime", "ExpiredStartTime", "ExpiredEndTime"] as const;

export const DescribeInstancesInput = z.object({
  RegionId: required(),
  InstanceIds: jsonTextList
    .refine((ids) => ids === undefined || ids.length <= 100, { error: "InvalidParameter" })
    .meta({ takes: "JSON array of up to 100 ids" }),
  InstanceName: optional,
  Status: oneOf(["Pending", "Running", "Starting", "Stopping", "Stopped"], "InvalidStatus.NotFound"),
  PrivateIpAddresses: addresses,
  PublicIpAddresses: addresses,
  DryRun: flag,
  Filter: z
    .array(
      z.object({ Key: z.enum(FILTER_KEYS, "InvalidFilterKey.NotFound"), Value: z.string().optional() }),
      "InvalidParameter",
    )
    .default([])
    .meta({ takes: "not supported" }),
  Tag: tagList({ ...TAG_CODES, tooMany: "InvalidTagCount", missingKey: "InvalidTag.Mismatch" }),
  MaxResults: clampedResults,
  NextToken: optional,
  PageNumber: paging.PageNumber,
  PageSize: integer(1, 100, "InvalidParam.PageSize"),
  ResourceGroupId: optional,
  // of clouds, not of hosts: nothing here has them, so asking for one finds nothing
  VpcId: optional,
  VSwitchId: optional,
  ZoneId: optional,
  SecurityGroupId: optional,
  ImageId: optional,
  InstanceType: optional,
  InstanceTypeFamily: optional,
  KeyPairName: optional,
  HpcClusterId: read(() => undefined, "InvalidHpcClusterId.NotFound", { takes: "nothing: there are no clusters" }),
  LockReason: oneOf(
    ["financial", "security", "Recycling", "dedicatedhostfinancial", "refunded"],
    "InvalidLockReason.NotFound",
  ),
  InstanceChargeType: oneOf(["PrePaid", "PostPaid"], "InvalidInstanceChargeType.NotFound"),
  InternetChargeType: oneOf(["PayByBandwidth", "PayByTraffic"], "InvalidInternetChargeType.ValueNotSupported"),
  InstanceNetworkType: oneOf(["classic", "vpc"], "InvalidNetworkType.NotFound"),
});
export type DescribeInstancesInput = z.infer<typeof DescribeInstancesInput>;

type TextList = { readonly IpAddress: readonly string[] };
export type InstanceAnswer = {
  readonly InstanceId: string;
  readonly InstanceName: string;
  readonly Description: string;
  readonly Status: "Running" | "Stopped";
  readonly RegionId: string;
  readonly ZoneId: string;
  readonly OSType: string;
  readonly OSName: string;
  readonly OSNameEn: string;
  readonly HostName: string;
  readonly CreationTime: string;
  readonly InstanceType: string;
  readonly VpcAttributes: {
    readonly VpcId: string;
    readonly VSwitchId: string;
    readonly NatIpAddress: string;
    readonly PrivateIpAddress: TextList;
  };
  readonly InnerIpAddress: TextList;
  readonly PublicIpAddress: TextList;
  readonly EipAddress: {
    readonly IpAddress: string;
    readonly AllocationId: string;
    readonly InternetChargeType: string;
  };
  readonly SecurityGroupIds: { readonly SecurityGroupId: readonly string[] };
  readonly ResourceGroupId: string;
  readonly Tags: { readonly Tag: readonly TagAnswer[] };
};
export type DescribeInstancesAnswer = TokenPage & {
  readonly Instances: { readonly Instance: readonly InstanceAnswer[] };
};

export const DescribeRegionsInput = z.object({
  AcceptLanguage: oneOf(["zh-CN", "en-US", "ja"], "InvalidAcceptLanguage.NotFound"),
  ResourceType: oneOf(["instance", "disk", "reservedinstance", "scu"], "InvalidResourceType.NotFound"),
  InstanceChargeType: oneOf(
    ["PrePaid", "PostPaid", "SpotWithPriceLimit", "SpotAsPriceGo"],
    "Invalid.InstanceChargeType",
  ),
});

export type RegionAnswer = {
  readonly RegionId: string;
  readonly LocalName: string;
  readonly RegionEndpoint: string;
  readonly Status: "available";
};
export type DescribeRegionsAnswer = { readonly Regions: { readonly Region: readonly RegionAnswer[] } };
