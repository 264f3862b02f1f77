import { bad, forbidden, notFound } from "./error-entry.ts";

/** Codes of ModifyInvocationAttribute alone, which has a family of its own (api-facts 4.10). */
export const MODIFY_INVOCATION_ERRORS = {
  "InvalidParameter.Frequency": bad("The specified parameter Frequency is not valid."),
  "InvalidParameters.KeyDuplicate": bad("The key in the parameter Parameters cannot be duplicated."),
  "InvalidParameters.KeyNotMatch": bad(
    "The key in the parameter Parameters do not match those defined when creating the command.",
  ),
  "InvalidParameters.KeyMalformed": bad("The key in the parameter Parameters is not valid."),
  "InvalidParameters.KeyEmpty": bad("The key in the parameter Parameters cannot be empty."),
  "InvalidCommandContent.DecodeError": bad("The specified parameter CommandContent can not be Base64 decoded."),
  "InvalidOperation.RepeatModeUnsupported": forbidden(
    "The operation is not supported for current repeat mode of invocation.",
  ),
  "InvalidOperation.InvokeAlreadyFinished": forbidden("The operation is not supported for finished invocation."),
  "InvalidOperation.CloudAssistantVersionUnsupported": forbidden(
    "The operation is not supported for current CloudAssistant version of instance.",
  ),
  "InvalidOperation.ModifyPublicCommandUnsupported": forbidden(
    "Modification of the content of Public Command is not supported.",
  ),
  "InvalidCommandContent.LengthLimitExceeded": forbidden(
    "The length of the parameter CommandContent exceeds the limit of %s KB characters.",
  ),
  "InvalidParameters.CountLimitExceeded": forbidden("The count of the parameter Parameters exceeds the limit of 10."),
  "InvalidParameters.KeyLengthLimitExceeded": forbidden(
    "The length of the key in the parameter Parameters exceeds the limit of 64 characters.",
  ),
  "InvalidInstanceId.CountLimitExceeded": forbidden("The count of the parameter InstanceId exceeds the limit of %s."),
  CommandLimitExceeded: forbidden("The count of command in current region exceeds the limit of %s."),
  "InvalidParameters.ValueTypeUnsupported": forbidden(
    "The type of the value in the parameter Parameters is not supported.",
  ),
  "InvalidCommandId.NotFound": notFound("The specified CommandId does not exist."),
} as const;
