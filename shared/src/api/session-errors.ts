import { bad, forbidden, notFound } from "./error-entry.ts";

/** Errors of terminal sessions and file transfers, as published (api-facts 4). */
export const SESSION_ERRORS = {
  "FileTargetDir.Invalid": bad("The target directory of file is invalid."),
  "FileMode.Invalid": bad("The mode of file is invalid."),
  "FileContent.DecodeError": bad("The Content can not be base64 decoded."),
  "FileContentType.Invalid": bad("The ContentType of file is invalid."),
  "InvalidParameter.FileOwner": bad("The specified parameter FileOwner is not valid."),
  "InvalidParameter.FileGroup": bad("The specified parameter FileGroup is not valid."),
  "FileSize.ExceedLimit": forbidden("The length of file content exceeds limit."),
  "FileName.ExceedLimit": forbidden("The length of file name exceeds limit."),
  "FileDesc.ExceedLimit": forbidden("The length of file description exceeds limit."),
  "PortNumber.Invalid": bad("The port number is invalid."),
  "InvalidParameter.ConnectionType": bad("The specified parameter ConnectionType is not valid."),
  "SessionCount.ExceedLimit": forbidden("The number of sessions exceeds the upper limit."),
  "PortForwarding.NotSupported": forbidden("Port forwarding is not supported currently."),
  "UserBehavior.SessionManagerDisabled": forbidden("The api is disabled by user behavior."),
  "InvalidCommandLine.Conflict": forbidden(
    "The parameter PortNumber or TargetServer cannot be specified with parameter CommandLine.",
  ),
  "InvalidTargetServer.MissingPortNumber": forbidden(
    "The parameter PortNumber must be specified with parameter TargetServer.",
  ),
  "InvalidCommandLine.LengthLimitExceeded": forbidden(
    "The length of the parameter CommandLine exceeded the limit of 512 characters.",
  ),
  "InvalidInstanceIds.CountLimitExceeded": forbidden(
    "The count of Instances exceeded the maximum limit of 1 when TargetServer or CommandLine parameter was specified.",
  ),
  "InvalidOperation.SecurityGroupRuleDenied": forbidden(
    "The operation is not allowed by the security group inbound rules of the specified instance.",
  ),
  "InvalidTargetServer.LengthLimitExceeded": forbidden(
    "The length of the parameter TargetServer exceeded the limit of 128 characters.",
  ),
  "InvalidOperation.ConnectionTypeUnsupported": forbidden(
    "The operation is not supported for the parameter ConnectionType.",
  ),
  "InvalidPasswordName.LengthLimitExceeded": forbidden(
    "The length of the parameter PasswordName exceeds the limit of 255 characters.",
  ),
  "InvalidSessionId.NotFound": notFound("The specified SessionId does not exist."),
} as const;
