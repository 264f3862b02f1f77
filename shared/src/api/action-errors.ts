import { MODIFY_INVOCATION_ERRORS } from "./modify-invocation-errors.ts";
import { bad, failure, forbidden, notFound } from "./error-entry.ts";

/**
 * Every error the documented actions may answer: code, status and exact text as published, per-action texts where they
 * differ (api-facts 4; the `%s` are filled in).
 */
export const ACTION_ERRORS = {
  "RegionId.ApiNotSupported": bad("The api is not supported in this region."),
  "MissingParam.InstanceId": bad("The parameter instanceId is missing or empty."),
  "NumberExceed.Tags": bad("The Tags parameter number is exceed.", {
    RunCommand: "Ensure the number of tag parameters is not greater than 20.",
    TagResources: "The Tags parameter's number is exceed , Valid : 20.",
    UntagResources: "The Tags parameter's number is exceed , Valid : 20.",
    ListTagResources: "The Tags parameter's number is exceed , Valid : 20.",
  }),
  "InvalidTagValue.Malformed": bad("The specified Tag.n.Value is not valid."),
  "Duplicate.TagKey": bad("The Tag.N.Key contain duplicate key."),
  "InvalidTagKey.Malformed": bad("The specified Tag.n.Key is not valid."),
  "MissingParameter.TagKey": bad("You must specify Tag.N.Key."),
  "InvalidContainerId.Malformed": bad("The specified parameter ContainerId is not valid."),
  "InvalidContainerName.Malformed": bad("The specified parameter ContainerName is not valid."),
  "InvalidClientToken.Malformed": bad("The specified parameter clientToken is not valid."),
  "CmdParam.EmptyKey": bad("Command parameters can not be empty.", {
    CreateCommand: "You must specify the parameter names.",
  }),
  "CmdParam.InvalidParamName": bad("A command parameter name is invalid.", {
    CreateCommand:
      "Invalid parameter name. The name can contain only lowercase letters (a to z), uppercase letters (A to Z), numbers (0 to 9), hyphens (-), and underscores (_).",
  }),
  "CmdContent.DecodeError": bad("The CommandContent can not be base64 decoded."),
  "InvalidInstance.NotMatch": bad("The specified instance type does not match the command."),
  "MissingParam.Frequency": bad("The frequency must be specified when you create a timed task."),
  "InvalidParam.Frequency": bad("The specified frequency is invalid."),
  "ParameterKey.Duplicate": {
    ...bad("The parameter may not contain duplicate keys.", { InvokeCommand: "Parameter names cannot be duplicated." }),
    statuses: { InvokeCommand: 403 },
  },
  "Parameter.NotMatched": {
    ...bad("The parameters of creation do not match those of invocation.", {
      InvokeCommand: "The passed-in parameters do not match the parameters defined when you created the command.",
    }),
    statuses: { InvokeCommand: 403 },
  },
  "WindowsPasswordName.Missed": {
    ...bad("WindowsPasswordName must be specified when you create a Windows task."),
    statuses: { InvokeCommand: 403 },
  },
  "Parameter.Disabled": bad("Parameters should not be passed when CreateCommand.EnableParameter is false.", {
    InvokeCommand: "Parameters cannot be passed in when the command customization function is disabled.",
  }),
  "Parameter.MissingValue": bad("The parameter value of this command is required."),
  "InvalidParameter.WorkingDir": bad("The specified parameter WorkingDir is not valid."),
  "NumberExceed.ResourceTags": bad("The maximum number of ResourceTags is exceeded."),
  "MissingParameter.ResourceTagKey": bad("You must specify ResourceTag.N.Key."),
  "InvalidResourceTagKey.Malformed": bad("The specified ResourceTag key is not valid."),
  "InvalidResourceTagValue.Malformed": bad("The specified ResourceTag value is not valid."),
  "Duplicate.ResourceTagKey": bad("The ResourceTag contains duplicate keys."),
  "InvalidResourceTag.InstanceNotFound": bad("InstanceIds are not found by the specified ResourceTag."),
  "InvalidResourceTag.ConflictWithInstanceIds": bad("The specified param ResourceTag conflicts with InstanceId."),
  "InvalidParam.PageNumber": bad("The specified parameter is invalid."),
  "InvalidParam.PageSize": bad("The specified parameter is invalid."),
  "InvalidParameter.NextToken": bad("The specified parameter NextToken is not valid."),
  "InvalidParameter.MaxResults": bad("The specified parameter MaxResults is not valid."),
  "InstanceName.ExceedLimit": bad("Default instance name prefix length exceeds.", {
    ModifyManagedInstance: "The specified instance name exceed limit.",
  }),
  "InstanceName.InvalidPattern": bad("Default instance name prefix pattern invalid.", {
    ModifyManagedInstance: "The specified instance name pattern invalid.",
  }),
  "ActivationDesc.ExceedLimit": bad("Activation description length exceeds."),
  "ActivationLimitation.Invalid": bad("The specified parameter InstanceCount exceeds the limit of %s."),
  "AddressRange.InvalidPattern": bad("Address range should be ipv4 address or cidr."),
  "ActivationCount.ExceedLimit": bad("The count of activation in current region exceeds the limit of %s."),
  "ActivationTTL.ExceedLimit": bad("The specified parameter TimeToLiveInHours exceeds the limit of %s."),
  "InvalidTag.Mismatch": bad("The specified Tag.n.Key and Tag.n.Value are not match."),
  InvalidTagCount: bad("The specified tags are beyond the permitted range."),
  "InvalidHpcClusterId.NotFound": bad("The specified HpcClusterId is not found."),
  "InvalidHpcClusterId.Creating": bad("The specified HpcClusterId is creating."),
  "CmdContent.ExceedLimit": forbidden("The length of the command content exceeds the upper limit.", {
    InvokeCommand: "The maximum length of a command is exceeded.",
  }),
  "CmdName.Readonly": forbidden("The command name is readonly after publishing."),
  "CmdName.ExceedLimit": forbidden("The length of the command name exceeds the upper limit."),
  "CmdDesc.ExceedLimit": forbidden("The length of the command description exceeds the upper limit.", {
    ModifyCommand: "The length of the command description exceeds the upperlimit.",
  }),
  "CmdCount.ExceedQuota": forbidden("The total number of commands in the current region exceeds the quota."),
  "CmdParamCount.ExceedLimit": forbidden("You've reached the limit on the count of command parameters.", {
    CreateCommand: "The maximum number of custom parameters is exceeded.",
  }),
  "CmdParamName.ExceedLimit": forbidden("The length of the command parameter name exceeds the limit.", {
    CreateCommand: "The maximum length of a parameter name is exceeded.",
  }),
  "InstanceIds.ExceedLimit": forbidden("The number of instance IDs exceeds the upper limit."),
  "Invocation.ExceedQuota": forbidden("The invocation quota in the current region has been reached for today."),
  "ParameterCount.ExceedLimit": forbidden(
    "The number of command parameters exceeds the maximum number that can be set.",
    {
      InvokeCommand: "The maximum number of parameters is exceeded.",
    },
  ),
  "ParameterKey.ExceedLimit": forbidden(
    "The length of the specified parameter key exceeds the maximum length that can be set.",
    {
      InvokeCommand: "The maximum length of a parameter name is exceeded.",
    },
  ),
  "ParameterType.NotSupported": forbidden("The type of parameter value is not supported."),
  "Username.ExceedLimit": forbidden("The length of the username exceeds the upper limit."),
  "WindowsPasswordName.ExceedLimit": forbidden("The length of the WindowsPasswordName exceeds the upper limit."),
  "ParameterStore.NotSupported": forbidden("Parameter Store is not supported in this region."),
  "TemporaryAccessKey.Error": forbidden("The temporary accessKey is invalid."),
  "ParameterStore.InvalidParameters": forbidden("The parameter is invalid in Parameter Store."),
  "ParameterStore.NoPermission": forbidden("You have no access to Parameter Store."),
  "OperationDenied.BidOwnResource": forbidden("Bid user can not own resource."),
  "Operation.Forbidden": forbidden("The operation is not permitted."),
  IdempotentParameterMismatch: forbidden(
    "The specified parameter has changed while using an already used clientToken.",
  ),
  IdempotentProcessing: forbidden("The previous idempotent request(s) is still processing."),
  "InvalidStatus.ResourceGroup": forbidden(
    "You cannot perform an operation on a resource group that is being created or deleted.",
  ),
  "InvalidParameterCharacter.CommandName": forbidden("The command Name contains illegal characters."),
  "InvalidParameterCharacter.CommandDescription": forbidden("The command Description contains illegal characters."),
  "InvalidParameterCharacter.CommandWorkingDir": forbidden("The command WorkingDir contains illegal characters."),
  "InvalidLauncher.LengthLimitExceeded": forbidden(
    "The length of the parameter Launcher exceeds the limit of 1 KB characters.",
  ),
  "InvalidParameterCharset.Parameters": forbidden("The parameter Parameters contains illegal charset."),
  RealNameAuthenticationError: forbidden("Your account has not passed the real-name authentication yet."),
  ManagedInstanceCountExceedLimit: forbidden(
    "The count of managed instance in current region exceeds the limit of %s.",
  ),
  "Unauthorized.EmptyRegion": forbidden("The specified account has no access authority to any region."),
  "Invalid.InstanceChargeType": forbidden("The specified instanceChargeType is not valid."),
  "InvalidStatus.CmdIdInUse": forbidden("The specified commandId is in use by some runing Invocation."),
  "InvalidName.LengthLimitExceeded": forbidden("The length of the parameter Name exceeds the upper limit."),
  "InvalidDescription.LengthLimitExceeded": forbidden(
    "The length of the parameter Description exceeds the upper limit.",
  ),
  "InvalidCommandType.NotFound": notFound("The specified parameter Type does not exist."),
  "InvalidCmdType.NotFound": notFound("The specified command type does not exist."),
  "InvalidRepeatMode.NotFound": notFound("The specified repeat mode does not exist."),
  "InvalidRegionId.NotFound": notFound("The RegionId provided does not exist in our records.", {
    ModifyInvocationAttribute: "The specified parameter RegionId does not exist.",
    DescribeTerminalSessions: "The specified parameter RegionId does not exist.",
    ModifyCloudAssistantSettings: "The specified parameter RegionId does not exist.",
    DescribeCloudAssistantSettings: "The specified parameter RegionId does not exist.",
  }),
  "InvalidInstance.NotFound": notFound("The specified instance does not exist.", {
    SendFile: "The specified instances not found.",
    StartTerminalSession: "The specified instances not found.",
    ModifyManagedInstance: "The specified instances id does not exist.",
    DeregisterManagedInstance: "The specified instance id does not exist.",
  }),
  "InvalidCmdId.NotFound": notFound("The specified command ID does not exist."),
  "InvalidResourceGroup.NotFound": notFound("The ResourceGroup provided does not exist in our records."),
  "InvalidTerminationMode.NotFound": notFound("The specified parameter TerminationMode does not exist."),
  "InvalidInvokeId.NotFound": notFound("The specified invoke ID does not exist.", {
    ModifyInvocationAttribute: "The specified parameter InvokeId does not exist.",
  }),
  "InvalidInstanceId.NotFound": notFound("The specified parameter InstanceId does not exist."),
  "InvalidInstanceChargeType.NotFound": notFound("The InstanceChargeType does not exist in our records"),
  "InvalidInternetChargeType.ValueNotSupported": notFound("The specified InternetChargeType is not valid"),
  "InvalidLockReason.NotFound": notFound("The specified LockReason is not found"),
  "InvalidFilterKey.NotFound": notFound("The specified Filter key is not found"),
  "InvalidNetworkType.NotFound": notFound("The specified InstanceNetworkType is not found"),
  "InvalidStatus.NotFound": notFound("The specified Status is not found"),
  "InvalidAcceptLanguage.NotFound": notFound("Only Chinese (zh-CN), English (en-US), and Japanese (ja) are allowed."),
  "InvalidResourceType.NotFound": notFound("The ResourceType provided does not exist in our records."),
  "InternalError.Dispatch": failure("An error occurred when you dispatched the request.", {
    CreateActivation: "An error occurred when dispatch the request.",
  }),
  ...MODIFY_INVOCATION_ERRORS,
} as const;
