import * as z from "zod";
import type { ApiErrorCode } from "../errors.ts";
import { integer, oneOf, optional, read, required, text } from "./fields.ts";
import { tags } from "./tags.ts";

/** RAM: letters, digits, `.`, `_`, `-`; 1-64 characters. */
const MAX_NAME = 64;
const MAX_POLICY_NAME = 128;
const MAX_TEXT = 128;
const MAX_DESCRIPTION = 1024;

const name = (maxCharacters: number, form: RegExp, tooLong: ApiErrorCode, badChars: ApiErrorCode) =>
  required()
    .refine((given) => given.length <= maxCharacters, tooLong)
    .refine((given) => form.test(given), badChars);

const userName = name(
  MAX_NAME,
  /^[A-Za-z0-9._-]+$/,
  "InvalidParameter.UserName.Length",
  "InvalidParameter.UserName.InvalidChars",
);
const policyName = name(
  MAX_POLICY_NAME,
  /^[A-Za-z0-9-]+$/,
  "InvalidParameter.PolicyName.Length",
  "InvalidParameter.PolicyName.InvalidChars",
);
const policyType = required().pipe(z.enum(["Custom", "System"], "InvalidParameter.PolicyType"));

/** Ours. */
export const CreateAccountInput = z.object({
  AccountName: required().refine((given) => /^[A-Za-z0-9._-]{1,64}$/.test(given), "InvalidParameter"),
});
export const ListAccountsInput = z.object({});
export type AccountAnswer = { readonly AccountId: string; readonly AccountName: string; readonly CreateDate: string };
export type CreateAccountAnswer = { readonly Account: AccountAnswer; readonly AccessKey: NewAccessKeyAnswer };
export type ListAccountsAnswer = { readonly Accounts: { readonly Account: readonly AccountAnswer[] } };

export const CreateUserInput = z.object({
  UserName: userName,
  DisplayName: text(MAX_TEXT, "InvalidParameter.DisplayName.Length"),
  Comments: text(MAX_TEXT, "InvalidParameter.Comments.Length"),
});
export const UserNameInput = z.object({ UserName: userName });
export const ListUsersInput = z.object({});
export type UserAnswer = {
  readonly UserId: string;
  readonly UserName: string;
  readonly DisplayName: string;
  readonly Comments: string;
  readonly CreateDate: string;
};
export type UserNameAnswer = { readonly User: UserAnswer };
export type ListUsersAnswer = { readonly IsTruncated: false; readonly Users: { readonly User: readonly UserAnswer[] } };

/** Without a name: of the account itself. */
const owner = { UserName: userName.optional() };
export const AccessKeysOfInput = z.object(owner);
export const UpdateAccessKeyInput = z.object({
  ...owner,
  UserAccessKeyId: required(),
  Status: required().pipe(z.enum(["Active", "Inactive"], "InvalidParameter")),
});
export const DeleteAccessKeyInput = z.object({ ...owner, UserAccessKeyId: required() });
export type AccessKeyAnswer = {
  readonly AccessKeyId: string;
  readonly Status: "Active" | "Inactive";
  readonly CreateDate: string;
};
export type NewAccessKeyAnswer = AccessKeyAnswer & { readonly AccessKeySecret: string };
export type CreateAccessKeyAnswer = { readonly AccessKey: NewAccessKeyAnswer };
export type ListAccessKeysAnswer = { readonly AccessKeys: { readonly AccessKey: readonly AccessKeyAnswer[] } };

/** Ours: creates or replaces. */
export const PutPolicyInput = z.object({
  PolicyName: policyName,
  PolicyDocument: required(),
  Description: text(MAX_DESCRIPTION, "InvalidParameter.Description.Length"),
});
export const PolicyInput = z.object({ PolicyName: policyName, PolicyType: policyType });
export const PolicyNameInput = z.object({ PolicyName: policyName });
export const ListPoliciesInput = z.object({ PolicyType: oneOf(["Custom", "System"], "InvalidParameter.PolicyType") });
export const AttachPolicyInput = z.object({ PolicyType: policyType, PolicyName: policyName, UserName: userName });
export type PolicyAnswer = {
  readonly PolicyType: "Custom" | "System";
  readonly PolicyName: string;
  readonly Description: string;
  readonly CreateDate: string;
  readonly UpdateDate: string;
};
export type PutPolicyAnswer = { readonly Policy: PolicyAnswer };
export type GetPolicyAnswer = { readonly Policy: PolicyAnswer & { readonly PolicyDocument: string } };
export type ListPoliciesAnswer = {
  readonly IsTruncated: false;
  readonly Policies: { readonly Policy: readonly PolicyAnswer[] };
};
export type AttachedPolicyAnswer = {
  readonly PolicyType: "Custom" | "System";
  readonly PolicyName: string;
  readonly AttachDate: string;
};
export type ListPoliciesForUserAnswer = { readonly Policies: { readonly Policy: readonly AttachedPolicyAnswer[] } };

/** Ours: what would be decided, and why. */
export const ExplainPolicyInput = z.object({
  RegionId: required(),
  UserName: userName,
  ActionName: required().refine((given) => /^[A-Za-z0-9-]+:[A-Za-z0-9]+$/.test(given), "InvalidParameter"),
  /** `instance/mi-1`, `command/*`, `*` */
  Resource: z.array(z.string("InvalidParameter").min(1, "InvalidParameter"), "InvalidParameter").default([]),
  RunAs: optional,
  SourceIp: optional,
  CurrentTime: read(
    (given) => (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(given) ? given : undefined),
    "InvalidParameter",
  ),
  Tag: tags,
});
export type StatementAnswer = {
  readonly PolicyName: string;
  /** From 1. */
  readonly Statement: number;
  readonly Effect: "Allow" | "Deny";
  readonly Applies: boolean;
  /** Why it does not apply. */
  readonly Reason: string;
};
export type ExplainedAnswer = {
  readonly Resource: string;
  readonly Decision: "Allow" | "Deny";
  readonly Because: string;
  readonly Statements: { readonly Statement: readonly StatementAnswer[] };
};
export type ExplainPolicyAnswer = {
  readonly Decision: "Allow" | "Deny";
  readonly Results: { readonly Result: readonly ExplainedAnswer[] };
};

export const GetCallerIdentityInput = z.object({});
export type GetCallerIdentityAnswer = {
  readonly IdentityType: "Account" | "RAMUser" | "AssumedRoleUser";
  readonly AccountId: string;
  readonly UserId: string;
  readonly PrincipalId: string;
  /** What AssumeRole takes, unless the key is a temporary one. */
  readonly Arn: string;
};

/** Seconds a temporary key works (STS, AssumeRole, DurationSeconds). */
export const TEMPORARY_KEY_MIN_SECONDS = 900;
export const TEMPORARY_KEY_MAX_SECONDS = 43_200;
export const TEMPORARY_KEY_DEFAULT_SECONDS = 3_600;

export const AssumeRoleInput = z.object({
  /** Whose rights the key gets, there being no roles: `acs:ram::ACCOUNT:user/NAME`, or `acs:ram::ACCOUNT:root`. */
  RoleArn: required().pipe(
    z
      .string()
      .transform((given) => /^acs:ram::(\d{1,20}):(?:root|user\/([A-Za-z0-9._-]{1,64}))$/.exec(given))
      .refine((found) => found !== null, "InvalidParameter.RoleArn")
      .transform((found) => ({ accountId: found?.[1] ?? "", userName: found?.[2] })),
  ),
  RoleSessionName: required().refine(
    (given) => /^[A-Za-z0-9.@_-]{2,64}$/.test(given),
    "InvalidParameter.RoleSessionName",
  ),
  DurationSeconds: integer(
    TEMPORARY_KEY_MIN_SECONDS,
    TEMPORARY_KEY_MAX_SECONDS,
    "InvalidParameter.DurationSeconds",
  ).transform((seconds) => seconds ?? TEMPORARY_KEY_DEFAULT_SECONDS),
  /** A document that narrows what the key may do. */
  Policy: optional,
});
export type AssumeRoleInput = z.infer<typeof AssumeRoleInput>;
export type AssumeRoleAnswer = {
  readonly Credentials: {
    readonly AccessKeyId: string;
    readonly AccessKeySecret: string;
    readonly SecurityToken: string;
    readonly Expiration: string;
  };
  readonly AssumedRoleUser: { readonly Arn: string; readonly AssumedRoleId: string };
};
