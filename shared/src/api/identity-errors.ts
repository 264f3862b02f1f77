import { bad, conflict, forbidden, notFound, type ErrorEntry } from "./error-entry.ts";

/** Errors of the actions about accounts, users, keys and policies: RAM's and STS's as published, ours where it says so. */
export const IDENTITY_ERRORS = {
  "InvalidParameter.UserName.InvalidChars": bad('The parameter - "UserName" contains invalid chars.'),
  "InvalidParameter.UserName.Length": bad('The parameter - "UserName" beyond the length limit.'),
  "InvalidParameter.DisplayName.Length": bad('The parameter - "DisplayName" beyond the length limit.'),
  "InvalidParameter.Comments.Length": bad('The parameter - "Comments" beyond the length limit.'),
  "InvalidParameter.PolicyName.InvalidChars": bad('The parameter - "PolicyName" contains invalid chars.'),
  "InvalidParameter.PolicyName.Length": bad('The parameter - "PolicyName" beyond the length limit.'),
  "InvalidParameter.PolicyType": bad('The parameter - "PolicyType" is incorrect.'),
  "InvalidParameter.Description.Length": bad('The parameter - "Description" beyond the length limit.'),
  MalformedPolicyDocument: bad("%s"),
  "EntityNotExist.User": notFound("The user does not exist."),
  "EntityNotExist.User.AccessKey": notFound("The user access key does not exist."),
  "EntityNotExist.User.Policy": notFound("The indicate policy of the user does not exist."),
  "EntityNotExist.Policy": notFound("The policy does not exist."),
  "EntityAlreadyExists.User": conflict("The user does already EXIST."),
  "EntityAlreadyExists.User.Policy": conflict("The user has already been attached this policy."),
  "EntityAlreadyExists.Policy": conflict("The policy does already EXIST."),
  "DeleteConflict.User.AccessKey": conflict("The user CAN NOT has any access key while deleting the user."),
  "DeleteConflict.User.Policy": conflict("The user CAN NOT has any attached policy while deleting the user."),
  "DeleteConflict.Policy.User": conflict("The policy CAN NOT been attached to any user while deleting the policy."),
  "LimitExceeded.User": conflict("The count of users beyond the current limits."),
  "LimitExceeded.User.AccessKey": conflict("The access key count of the user access keys beyond the current limits."),
  "LimitExceeded.User.Policy": conflict("The count of policies attached to the user beyond the current limits."),
  "LimitExceeded.Policy": conflict("The count of policies beyond the current limits."),
  "InvalidParameter.RoleArn": bad("The parameter RoleArn is wrongly formed."),
  "InvalidParameter.RoleSessionName": bad("The parameter RoleSessionName is wrongly formed."),
  "InvalidParameter.DurationSeconds": bad("The parameter DurationSeconds is wrongly formed."),
  // the published text, and what is wrong
  "InvalidParameter.PolicyGrammar": bad("The parameter Policy has not passed grammar check: %s"),
  // ours
  "EntityAlreadyExists.Account": conflict("The account does already EXIST."),
  "OperationDenied.LastAccessKey": forbidden(
    "The last enabled access key of an account cannot be disabled or deleted.",
  ),
} as const satisfies Record<string, ErrorEntry>;
