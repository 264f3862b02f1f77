import type { Told } from "./examples.ts";

const USER = { UserName: "ann" };
const POLICY = { PolicyName: "commandUserPolicy", PolicyType: "Custom" };
const DOCUMENT = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"ecs:RunCommand","Resource":"*"}]}';
const ACCESS_KEY_ID = "CAAK1234567890abcdefghij";

/** Of RAM and STS. What none of their SDKs has is told as a line of our own CLI. */
export const TOLD_OF_IDENTITY: Readonly<Record<string, Told>> = {
  CreateAccount: {
    summary:
      "Ours: makes another account, which sees nothing of the others, with its first key. For the main account alone.",
    example: { AccountName: "lab" },
    cli: "account create lab",
    errors: ["EntityAlreadyExists.Account"],
  },
  ListAccounts: { summary: "Ours: lists the accounts. For the main account alone.", example: {}, cli: "account list" },
  CreateUser: {
    summary: "Makes a user of the account, which may do nothing until it has a policy.",
    example: USER,
    errors: [
      "InvalidParameter.UserName.InvalidChars",
      "InvalidParameter.UserName.Length",
      "InvalidParameter.DisplayName.Length",
      "InvalidParameter.Comments.Length",
      "EntityAlreadyExists.User",
      "LimitExceeded.User",
    ],
  },
  GetUser: { summary: "Describes a user.", example: USER, errors: ["EntityNotExist.User"] },
  ListUsers: { summary: "Lists the users of the account.", example: {} },
  DeleteUser: {
    summary: "Deletes a user that has no key and no policy.",
    example: USER,
    errors: ["EntityNotExist.User", "DeleteConflict.User.AccessKey", "DeleteConflict.User.Policy"],
  },
  CreateAccessKey: {
    summary: "Makes a key, whose secret is shown only here: of a user, or of the account itself.",
    example: USER,
    errors: ["EntityNotExist.User", "LimitExceeded.User.AccessKey"],
  },
  ListAccessKeys: { summary: "Lists keys without their secrets.", example: USER, errors: ["EntityNotExist.User"] },
  UpdateAccessKey: {
    summary: "Disables a key, and the temporary keys it made, or lets it work again; from the answer on.",
    example: { ...USER, UserAccessKeyId: ACCESS_KEY_ID, Status: "Inactive" },
    errors: ["EntityNotExist.User", "EntityNotExist.User.AccessKey", "OperationDenied.LastAccessKey"],
  },
  DeleteAccessKey: {
    summary: "Deletes a key; the temporary keys it made end with it.",
    example: { ...USER, UserAccessKeyId: ACCESS_KEY_ID },
    errors: ["EntityNotExist.User", "EntityNotExist.User.AccessKey", "OperationDenied.LastAccessKey"],
  },
  PutPolicy: {
    summary: "Ours: makes a policy, or gives it another document.",
    example: { PolicyName: POLICY.PolicyName, PolicyDocument: DOCUMENT },
    cli: "policy put commandUserPolicy policy.json",
    errors: [
      "InvalidParameter.PolicyName.InvalidChars",
      "InvalidParameter.PolicyName.Length",
      "InvalidParameter.Description.Length",
      "MalformedPolicyDocument",
      "EntityAlreadyExists.Policy",
      "LimitExceeded.Policy",
    ],
  },
  GetPolicy: {
    summary: "Describes a policy, with its document.",
    example: POLICY,
    errors: ["InvalidParameter.PolicyType", "EntityNotExist.Policy"],
  },
  ListPolicies: {
    summary: "Lists policies without their documents.",
    example: { PolicyType: "Custom" },
    errors: ["InvalidParameter.PolicyType"],
  },
  DeletePolicy: {
    summary: "Deletes a policy that no user has.",
    example: { PolicyName: POLICY.PolicyName },
    errors: ["EntityNotExist.Policy", "DeleteConflict.Policy.User"],
  },
  AttachPolicyToUser: {
    summary: "Gives a user what the policy allows, from the next call on.",
    example: { ...POLICY, ...USER },
    errors: [
      "EntityNotExist.User",
      "EntityNotExist.Policy",
      "EntityAlreadyExists.User.Policy",
      "LimitExceeded.User.Policy",
      "InvalidParameter.PolicyType",
    ],
  },
  DetachPolicyFromUser: {
    summary: "Takes it away again.",
    example: { ...POLICY, ...USER },
    errors: ["EntityNotExist.User", "EntityNotExist.User.Policy", "InvalidParameter.PolicyType"],
  },
  ListPoliciesForUser: { summary: "Lists the policies a user has.", example: USER, errors: ["EntityNotExist.User"] },
  ExplainPolicy: {
    summary: "Ours: tells what would be decided for a user, and how each statement bears on it.",
    example: { ...USER, ActionName: "ecs:RunCommand", Resource: ["instance/mi-1", "command/*"], RunAs: "root" },
    cli: "policy explain --user ann --action RunCommand --resource instance/mi-1 --resource 'command/*' --run-as root",
    errors: ["EntityNotExist.User"],
  },
  AssumeRole: {
    summary: "Makes a temporary key with the rights of the account or of a user, at most those that Policy allows too.",
    example: { RoleArn: "acs:ram::1000000000000001:user/ann", RoleSessionName: "nightly", DurationSeconds: 900 },
    errors: [
      "InvalidParameter.RoleArn",
      "InvalidParameter.RoleSessionName",
      "InvalidParameter.DurationSeconds",
      "InvalidParameter.PolicyGrammar",
      "EntityNotExist.User",
      "Throttling.User",
    ],
  },
  GetCallerIdentity: { summary: "Tells whose key it was called with.", example: {} },
};
