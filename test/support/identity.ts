import { identityCall, type Target } from "./sdk.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

/** The code of the refusal, or "accepted". */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "accepted";
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

/** A new user of the account behind `root` with an access key, a policy of each of the statements, and the named policies of the system. */
export async function makeUser(
  root: Target,
  name: string,
  { statements = [], system = [] }: { statements?: readonly object[]; system?: readonly string[] } = {},
): Promise<Target> {
  await identityCall(root, "CreateUser", { UserName: name });
  for (const [index, statement] of statements.entries()) {
    const PolicyName = `${name}-${index}`;
    await putPolicy(root, PolicyName, statement);
    await identityCall(root, "AttachPolicyToUser", { PolicyType: "Custom", PolicyName, UserName: name });
  }
  for (const PolicyName of system)
    await identityCall(root, "AttachPolicyToUser", { PolicyType: "System", PolicyName, UserName: name });
  return makeKey(root, name);
}

export async function putPolicy(root: Target, name: string, ...statements: readonly object[]): Promise<void> {
  await identityCall(root, "PutPolicy", {
    PolicyName: name,
    PolicyDocument: JSON.stringify({ Version: "1", Statement: statements }),
  });
}

/** One more access key of the user; without a name, of the account itself. */
export async function makeKey(root: Target, userName?: string): Promise<Target> {
  const { AccessKey } = (await identityCall(
    root,
    "CreateAccessKey",
    userName === undefined ? {} : { UserName: userName },
  )) as Json;
  return {
    endpoint: root.endpoint,
    accessKeyId: String(AccessKey.AccessKeyId),
    accessKeySecret: String(AccessKey.AccessKeySecret),
  };
}

/** @param whose `user/NAME` or `root` */
export async function assume(
  target: Target,
  accountId: string,
  whose: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Target & { securityToken: string }> {
  const { Credentials } = (await identityCall(target, "AssumeRole", {
    RoleArn: `acs:ram::${accountId}:${whose}`,
    RoleSessionName: "test",
    ...more,
  })) as Json;
  const { AccessKeyId, AccessKeySecret, SecurityToken } = Credentials as Record<string, string>;
  return {
    endpoint: target.endpoint,
    accessKeyId: AccessKeyId ?? "",
    accessKeySecret: AccessKeySecret ?? "",
    securityToken: SecurityToken ?? "",
  };
}

/** Another account, by the main account's key. */
export async function makeAccount(root: Target, name: string): Promise<{ accountId: string; target: Target }> {
  const { Account, AccessKey } = (await identityCall(root, "CreateAccount", { AccountName: name })) as Json;
  const target = {
    endpoint: root.endpoint,
    accessKeyId: String(AccessKey.AccessKeyId),
    accessKeySecret: String(AccessKey.AccessKeySecret),
  };
  return { accountId: String(Account.AccountId), target };
}
