import { bad, forbidden, notFound } from "./error-entry.ts";

/** Errors of activations, managed instances, settings and tags, as published (api-facts 4). */
export const ASSET_ERRORS = {
  "ActivationId.NotFound": notFound("The specified activation id does not exist."),
  "ActivationId.InUse": forbidden("The specified activation id is in use."),
  "InvalidInstanceId.OSTypeUnsupported": forbidden(
    "The OS type of the instance %s corresponding to the parameter InstanceId does not support the operation.",
    {
      ModifyInvocationAttribute:
        "The OS type of the instance corresponding to the parameter InstanceId does not support the specified command type.",
    },
  ),
  "InvalidParameter.SettingType": bad("The specified parameter SettingType is not valid."),
  "InvalidParameter.OssEncryptionType": bad("The specified parameter OssDeliveryConfig.EncryptionType is not valid."),
  "InvalidParameter.OssEncryptionAlgorithm": bad(
    "The specified parameter OssDeliveryConfig.EncryptionAlgorithm is not valid.",
  ),
  "InvalidParameter.OssEncryptionKeyId": bad("The specified parameter OssDeliveryConfig.EncryptionKeyId is not valid."),
  "InvalidParameter.OssBucketName": bad("The specified parameter OssDeliveryConfig.BucketName is not valid."),
  "InvalidParameter.OssPrefix": bad("The specified parameter OssDeliveryConfig.Prefix is not valid."),
  "InvalidOssBucketName.InOtherRegion": bad(
    "The specified parameter OssDeliveryConfig.BucketName is in another region.",
  ),
  "InvalidParameter.SlsProjectName": bad("The specified parameter SlsDeliveryConfig.ProjectName is not valid."),
  "InvalidParameter.SlsLogstoreName": bad("The specified parameter SlsDeliveryConfig.LogstoreName is not valid."),
  "InvalidParameter.AllowedUpgradeWindow": bad(
    "The specified parameter AgentUpgradeConfig.AllowedUpgradeWindow is not valid.",
  ),
  "InvalidAllowedUpgradeWindow.DurationTooShort": bad(
    "The duration of the specified parameter AgentUpgradeConfig.AllowedUpgradeWindow cannot be less than one hour.",
  ),
  "InvalidParameter.TimeZone": bad("The specified parameter AgentUpgradeConfig.TimeZone is not valid."),
  "InvalidAllowedUpgradeWindow.Required": bad(
    "The specified parameter AgentUpgradeConfig.AllowedUpgradeWindow is required.",
  ),
  "CreateServiceLinkedRole.NoPermission": forbidden("You do not have permission to create ServiceLinkedRole."),
  "InvalidOperation.OssEncryptionUnsupported": forbidden("The configuration of OSS Encryption is not supported."),
  "InvalidAllowedUpgradeWindow.CountLimitExceeded": forbidden(
    "The count of the parameter AgentUpgradeConfig.AllowedUpgradeWindow exceeds the limit of 5.",
  ),
  "InvalidOperation.SessionManagerDeliveryUnsupported": forbidden(
    "The delivery configuration of Session Manager is not supported.",
  ),
  "InvalidSlsProjectName.NotFound": notFound("The specified parameter SlsDeliveryConfig.ProjectName does not exist."),
  "InvalidSlsLogstoreName.NotFound": notFound("The specified parameter SlsDeliveryConfig.LogstoreName does not exist."),
  "InvalidOssBucketName.NotFound": notFound("The specified parameter OssDeliveryConfig.BucketName does not exist."),
  "NumberExceed.ResourceIds": bad("The ResourceIds parameter's number is exceed , Valid : 50."),
  "OperationDenied.QuotaExceed": bad("The quota of tags on resource is beyond permitted range."),
  "Invalid.Scope": bad("The specified scope is invalid."),
  "InvalidResourceId.NotSupported": forbidden("The specified ResourceId does not support tagging."),
  "NoPermission.Tag": forbidden("The operator is not permission for the tag."),
  "MissingParameter.ResourceIds": notFound("The parameter - ResourceIds.N should not be null."),
  "MissingParameter.ResourceType": notFound("The parameter - ResourceType should not be null."),
  "MissingParameter.Tags": notFound("The parameter - Tags should not be null."),
  "MissingParameter.RegionId": notFound("The parameter - RegionId should not be null."),
  "InvalidResourceId.NotFound": notFound("The specified ResourceIds are not found in our records."),
  "TagKey.Duplication": forbidden("The TagKey has duplication with others, case-insensitive."),
  "QuotaExceed.Tags": forbidden("%s"),
  "NoPermissionKey.Scope": forbidden("%s"),
  "Param.Conflict": forbidden("The specified all is true, but the specified TagKey.N is not empty."),
  "InvalidDefaultResourceGroup.NotSupported": bad(
    "The specified parameter Tag is not support for default resource group.",
  ),
  "InvalidTag.NotSupported": bad("You can only specify Tag for either resource tag or resource group."),
  "InvalidTags.MalFormed": bad("The tags must be empty, when the tagFilters is not empty."),
  "BothEmpty.TagsAndResources": forbidden("The specified Tags and ResourcesIds are not allow to both empty."),
  "NumberExceed.TagValues": forbidden("The number of the specified TagValues is beyond permitted range, the max is 5."),
  "InvalidTagFilter.Malformed": forbidden("The specified TagFilter is not valid."),
  "Invalid.NextToken": forbidden("The specified NextToken is not valid."),
} as const;
