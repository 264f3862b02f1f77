/** Documented rows that no request can reach here, by code, and why; `docs/errors.md` says the same. */
export const UNREACHABLE: Readonly<Record<string, { readonly at?: readonly string[]; readonly why: string }>> = {
  "RegionId.ApiNotSupported": { why: "Every region that is configured offers every action." },
  "Operation.Forbidden": {
    why: "Who may not do something is told `Forbidden.RAM`; SendFile and the terminal sessions answer it until they are there.",
  },
  "InternalError.Dispatch": { why: "Nothing is dispatched on its own: what fails inside is `InternalError`." },
  InternalError: { why: "Only a fault of ours or of the disk makes it." },
  ServiceUnavailable: { why: "Only a control plane that is going away answers it." },
  "InvalidStatus.ResourceGroup": { why: "Groups are configured; none is ever being made or deleted." },
  "OperationDenied.BidOwnResource": { why: "There are no partner accounts." },
  IdempotentProcessing: { why: "The second of two calls at once waits for the first and gets its answer." },
  "InvalidCmdId.NotFound": { at: ["RunCommand"], why: "RunCommand names no command." },
  "CmdContent.ExceedLimit": { at: ["ModifyCommand"], why: "ModifyCommand ignores CommandContent, as documented." },
  "CmdName.Readonly": { why: "There are no public commands." },
  "Parameter.MissingValue": { why: "Only a public command can require a value." },
  "InvalidOperation.ModifyPublicCommandUnsupported": { why: "There are no public commands." },
  "InvalidOperation.CloudAssistantVersionUnsupported": { why: "Every agent that connects can be told of a change." },
  "InvalidCommandId.NotFound": { why: "ModifyInvocationAttribute names no command." },
  "TemporaryAccessKey.Error": {
    why: "A temporary key that does not work is refused at the gateway, before any action.",
  },
  RealNameAuthenticationError: { why: "Accounts have no real names to check." },
  ManagedInstanceCountExceedLimit: { why: "The number of hosts has no quota." },
  "InvalidInstanceId.OSTypeUnsupported": { at: ["InstallCloudAssistant"], why: "Only hosts with an agent are known." },
  "SessionCount.ExceedLimit": { why: "There are no terminal sessions yet." },
  "PortForwarding.NotSupported": { why: "There are no terminal sessions yet." },
  "UserBehavior.SessionManagerDisabled": { why: "There are no terminal sessions yet." },
  "InvalidOperation.SecurityGroupRuleDenied": { why: "There are no security groups." },
  "InvalidOperation.ConnectionTypeUnsupported": { why: "There are no terminal sessions yet." },
  "InvalidSessionId.NotFound": { why: "There are no terminal sessions yet." },
  "InvalidOssBucketName.InOtherRegion": { why: "Buckets have no region here." },
  "InvalidOssBucketName.NotFound": {
    why: "Delivery by settings is kept and told, not done, so no bucket is looked for.",
  },
  "InvalidSlsLogstoreName.NotFound": { why: "There is no Log Service, so its project is not found first." },
  "CreateServiceLinkedRole.NoPermission": { why: "There are no service-linked roles." },
  InvalidTagCount: {
    at: ["TagResources", "UntagResources", "ListTagResources"],
    why: "`NumberExceed.Tags` is told of the same.",
  },
  "Invalid.Scope": { why: "Tags have no scope." },
  "NoPermissionKey.Scope": { why: "Tags have no scope." },
  "QuotaExceed.Tags": { why: "`OperationDenied.QuotaExceed` is told of the same." },
  "OperationDenied.QuotaExceed": { at: ["UntagResources", "ListTagResources"], why: "They add no tag." },
  "InvalidTagValue.Malformed": { at: ["UntagResources"], why: "It takes no values." },
  "InvalidTag.Mismatch": { at: ["UntagResources"], why: "It takes no values." },
  "InvalidResourceId.NotSupported": { at: ["ListTagResources"], why: "What cannot have tags is listed with none." },
  "NoPermission.Tag": {
    at: ["UntagResources", "ListTagResources"],
    why: "`InvalidTagKey.Malformed` is told of keys that begin so; a resource group may be asked for.",
  },
  "MissingParameter.ResourceIds": {
    at: ["ListTagResources"],
    why: "`BothEmpty.TagsAndResources` is told where tags are missing too.",
  },
  "MissingParameter.Tags": {
    at: ["ListTagResources"],
    why: "`BothEmpty.TagsAndResources` is told where ids are missing too.",
  },
  "InvalidResourceId.NotFound": { at: ["ListTagResources"], why: "What is not there has no tags." },
  "Unauthorized.EmptyRegion": { why: "The configured regions are for every account." },
  "InvalidHpcClusterId.Creating": { why: "There are no clusters." },
};

export function isUnreachable(action: string, code: string): boolean {
  const row = UNREACHABLE[code];
  return row !== undefined && (row.at === undefined || row.at.includes(action));
}

/** Actions that `error-walk.test.ts` walks; `error-walk-assets.test.ts` walks the others. */
export const RUN_FAMILY = [
  "RunCommand",
  "CreateCommand",
  "ModifyCommand",
  "DeleteCommand",
  "DescribeCommands",
  "InvokeCommand",
  "StopInvocation",
  "DescribeInvocations",
  "DescribeInvocationResults",
  "ModifyInvocationAttribute",
];
