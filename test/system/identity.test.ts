import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeSecurityToken } from "@cloud-assistant/control-plane/domain/security-token";
import { accessKeyPurpose } from "@cloud-assistant/control-plane/domain/seal-purposes";
import { ACTIONS } from "@cloud-assistant/control-plane/actions/index";
import { RAM_VERSION } from "@cloud-assistant/shared/api/versions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assume, codeOf, makeAccount, makeKey, makeUser } from "../support/identity.ts";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { identityCall, sdkCall, SDK_CLIENTS, type SdkClient, type Target } from "../support/sdk.ts";

const REGION = { RegionId: "cn-hangzhou" };
const ADMINISTRATOR = { system: ["AdministratorAccess"] };

let api: OpenApi;
let account: string;
/** Every secret and token that was given out. */
const secrets: string[] = [];

beforeAll(async () => {
  api = await openApi();
  account = api.context.config.accountId;
});
afterAll(() => api.close());

const ask = (target: Target, client: SdkClient = "v3"): Promise<string> =>
  codeOf(sdkCall(client, target, "DescribeInstances", REGION));
const remember = <T extends Target>(target: T): T => {
  secrets.push(target.accessKeySecret, ...(target.securityToken === undefined ? [] : [target.securityToken]));
  return target;
};
const who = (target: Target): Promise<unknown> => identityCall(target, "GetCallerIdentity");
const call = (target: Target, action: string): Promise<string> => codeOf(sdkCall("v3", target, action, REGION));
const ofKeys = (key: Target): Record<string, unknown> => ({ UserName: "keys", UserAccessKeyId: key.accessKeyId });
const admin = (action: string, parameters: Record<string, unknown>): Promise<string> =>
  codeOf(identityCall(api.target, action, parameters));

describe("access keys", () => {
  test("a user has several; each is disabled, enabled and deleted on its own, at once", async () => {
    const first = remember(await makeUser(api.target, "keys", ADMINISTRATOR));
    const second = remember(await makeKey(api.target, "keys"));
    expect([await ask(first), await ask(second)]).toEqual(["accepted", "accepted"]);
    expect(await admin("UpdateAccessKey", { ...ofKeys(first), Status: "Inactive" })).toBe("accepted");
    expect([await ask(first), await ask(second)]).toEqual(["InvalidAccessKeyId.Inactive", "accepted"]);
    const { AccessKeys } = (await identityCall(api.target, "ListAccessKeys", { UserName: "keys" })) as {
      AccessKeys: { AccessKey: Record<string, string>[] };
    };
    expect(new Map(AccessKeys.AccessKey.map(({ AccessKeyId, Status }) => [AccessKeyId, Status]))).toEqual(
      new Map([
        [first.accessKeyId, "Inactive"],
        [second.accessKeyId, "Active"],
      ]),
    );
    expect(await admin("UpdateAccessKey", { ...ofKeys(first), Status: "Active" })).toBe("accepted");
    expect(await ask(first)).toBe("accepted");
    expect(await admin("DeleteAccessKey", ofKeys(first))).toBe("accepted");
    expect([await ask(first), await ask(second)]).toEqual(["InvalidAccessKeyId.NotFound", "accepted"]);
    expect(await admin("DeleteAccessKey", ofKeys(first))).toBe("EntityNotExist.User.AccessKey");
  });

  test("a wrong secret of a disabled key is told nothing but that it is wrong", async () => {
    const key = remember(await makeUser(api.target, "disabled", ADMINISTRATOR));
    await admin("UpdateAccessKey", { UserName: "disabled", UserAccessKeyId: key.accessKeyId, Status: "Inactive" });
    expect(await ask({ ...key, accessKeySecret: "wrong" })).toBe("SignatureDoesNotMatch");
    expect(await ask(key)).toBe("InvalidAccessKeyId.Inactive");
  });

  test("the account's own keys rotate; its last one that is enabled stays", async () => {
    const { target } = await makeAccount(api.target, "rotating");
    remember(target);
    const own = { UserAccessKeyId: target.accessKeyId };
    expect(await codeOf(identityCall(target, "UpdateAccessKey", { ...own, Status: "Inactive" }))).toBe(
      "OperationDenied.LastAccessKey",
    );
    expect(await codeOf(identityCall(target, "DeleteAccessKey", own))).toBe("OperationDenied.LastAccessKey");
    const next = remember(await makeKey(target));
    expect(await codeOf(identityCall(next, "UpdateAccessKey", { ...own, Status: "Inactive" }))).toBe("accepted");
    expect([await ask(target), await ask(next)]).toEqual(["InvalidAccessKeyId.Inactive", "accepted"]);
    expect(await codeOf(identityCall(next, "DeleteAccessKey", own))).toBe("accepted");
    expect(await codeOf(identityCall(next, "DeleteAccessKey", { UserAccessKeyId: next.accessKeyId }))).toBe(
      "OperationDenied.LastAccessKey",
    );
  });

  test("a key is changed under its owner's name only, and there are at most ten", async () => {
    const key = remember(await makeUser(api.target, "owner"));
    expect(await admin("DeleteAccessKey", { UserAccessKeyId: key.accessKeyId })).toBe("EntityNotExist.User.AccessKey");
    expect(await admin("DeleteAccessKey", { UserName: "nobody", UserAccessKeyId: key.accessKeyId })).toBe(
      "EntityNotExist.User",
    );
    for (let index = 1; index < 10; index++) await makeKey(api.target, "owner");
    expect(await admin("CreateAccessKey", { UserName: "owner" })).toBe("LimitExceeded.User.AccessKey");
  });
});

describe("temporary keys", () => {
  test.each(SDK_CLIENTS)("a user's own works through the SDK with its token, and not without (%s)", async (client) => {
    const user = remember(await makeUser(api.target, `sts-${client}`, { system: ["AliyunECSReadOnlyAccess"] }));
    const key = remember(await assume(user, account, `user/sts-${client}`));
    expect(key.accessKeyId).toMatch(/^STS\.\w{24}$/);
    expect(await ask(key, client)).toBe("accepted");
    expect(await codeOf(sdkCall(client, key, "CreateActivation", REGION))).toBe("Forbidden.RAM");
    const { securityToken, ...bare } = key;
    expect(await ask(bare, client)).toBe("MissingSecurityToken");
    expect(await ask({ ...key, securityToken: `${securityToken}x` }, client)).toBe("InvalidSecurityToken.Malformed");
    expect(await ask({ ...key, securityToken: "t" }, client)).toBe("InvalidSecurityToken.Malformed");
    const other = remember(await assume(user, account, `user/sts-${client}`));
    expect(await ask({ ...key, securityToken: other.securityToken }, client)).toBe(
      "InvalidSecurityToken.MismatchWithAccessKey",
    );
    expect(await ask({ ...user, securityToken }, client)).toBe("InvalidSecurityToken.MismatchWithAccessKey");
  });

  test("its own policy narrows it, of the account too, and never widens", async () => {
    const user = remember(await makeUser(api.target, "narrow", { system: ["AliyunECSReadOnlyAccess"] }));
    const Policy = JSON.stringify({
      Version: "1",
      Statement: [{ Effect: "Allow", Action: ["ecs:DescribeInstances", "ecs:CreateActivation"], Resource: "*" }],
    });
    const narrowed = remember(await assume(user, account, "user/narrow", { Policy }));
    const ofRoot = remember(await assume(api.target, account, "root", { Policy }));
    expect([
      await call(narrowed, "DescribeInstances"),
      await call(narrowed, "DescribeActivations"),
      await call(narrowed, "CreateActivation"),
    ]).toEqual(["accepted", "Forbidden.RAM", "Forbidden.RAM"]);
    expect([
      await call(ofRoot, "DescribeInstances"),
      await call(ofRoot, "DescribeActivations"),
      await call(ofRoot, "CreateActivation"),
    ]).toEqual(["accepted", "Forbidden.RAM", "accepted"]);
    expect(await codeOf(assume(user, account, "user/narrow", { Policy: "{}" }))).toBe("InvalidParameter.PolicyGrammar");
  });

  test("a user gets one for itself, the account for all of its own, a temporary key for nobody", async () => {
    const user = remember(await makeUser(api.target, "self", ADMINISTRATOR));
    const [ofRoot, ofUser] = [
      remember(await assume(api.target, account, "root")),
      remember(await assume(api.target, account, "user/self")),
    ];
    expect([await ask(ofRoot), await ask(ofUser)]).toEqual(["accepted", "accepted"]);
    const { accountId } = await makeAccount(api.target, "other-sts");
    for (const [target, whose, of] of [
      [user, "root", account],
      [user, "user/narrow", account],
      [user, "user/self", accountId],
      [api.target, "root", accountId],
      [ofRoot, "root", account],
      [ofUser, "user/self", account],
    ] as const) {
      expect([whose, await codeOf(assume(target, of, whose))]).toEqual([whose, "NoPermission"]);
    }
    expect(await codeOf(assume(api.target, account, "user/none"))).toBe("EntityNotExist.User");
  });

  test("who calls is told: the account, a user, a temporary key", async () => {
    const user = remember(await makeUser(api.target, "caller"));
    expect(await who(api.target)).toMatchObject({
      IdentityType: "Account",
      AccountId: account,
      Arn: `acs:ram::${account}:root`,
    });
    expect(await who(user)).toMatchObject({
      IdentityType: "RAMUser",
      AccountId: account,
      Arn: `acs:ram::${account}:user/caller`,
    });
    const key = remember(await assume(user, account, "user/caller"));
    expect(await who(key)).toMatchObject({
      IdentityType: "AssumedRoleUser",
      Arn: `acs:ram::${account}:assumed-role/caller/test`,
    });
  });

  test("ends with the key that made it, and with its user", async () => {
    const user = remember(await makeUser(api.target, "parent", ADMINISTRATOR));
    const key = remember(await assume(user, account, "user/parent"));
    const of = { UserName: "parent", UserAccessKeyId: user.accessKeyId };
    await admin("UpdateAccessKey", { ...of, Status: "Inactive" });
    expect(await ask(key)).toBe("InvalidAccessKeyId.Inactive");
    await admin("UpdateAccessKey", { ...of, Status: "Active" });
    expect(await ask(key)).toBe("accepted");
    await admin("DeleteAccessKey", of);
    expect(await ask(key)).toBe("InvalidAccessKeyId.Inactive");
    await admin("DetachPolicyFromUser", {
      PolicyType: "System",
      PolicyName: "AdministratorAccess",
      UserName: "parent",
    });
    await admin("DeleteUser", { UserName: "parent" });
    expect(await ask(key)).toBe("InvalidAccessKeyId.NotFound");
  });

  test("expires", async () => {
    const { store, keys, clock } = api.context;
    const accessKeyId = "STS.expired";
    await store.temporaryKeys.create(
      {
        accessKeyId,
        accountId: account,
        sealedSecret: keys.seal(accessKeyPurpose(accessKeyId), "secret"),
        sessionName: "test",
        parentKeyId: api.target.accessKeyId,
        createdMs: 0,
        expiresMs: clock.now(),
      },
      1_000,
      { accessKeyId: "test", nonce: "expired", expiresMs: 0 },
    );
    const key = {
      ...api.target,
      accessKeyId,
      accessKeySecret: "secret",
      securityToken: makeSecurityToken(keys, accessKeyId),
    };
    expect(await ask(key)).toBe("InvalidSecurityToken.Expired");
  });
});

test("accounts, users, keys and policies are the account's own key's business alone", async () => {
  const user = remember(await makeUser(api.target, "admin", ADMINISTRATOR));
  const temporary = remember(await assume(api.target, account, "root"));
  for (const action of ACTIONS.get(RAM_VERSION)?.keys() ?? []) {
    for (const target of [user, temporary])
      expect([action, await codeOf(identityCall(target, action, {}))]).toEqual([action, "NoPermission"]);
  }
  const { target } = await makeAccount(api.target, "not-main");
  expect(await codeOf(identityCall(target, "ListUsers", {}))).toBe("accepted");
  expect(await codeOf(identityCall(target, "ListAccounts", {}))).toBe("NoPermission");
  expect(await codeOf(identityCall(target, "CreateAccount", { AccountName: "another" }))).toBe("NoPermission");
});

test("versions: an action belongs to one, and an unknown version is refused", async () => {
  expect(await codeOf(sdkCall("pop-post", api.target, "CreateUser", { UserName: "x" }))).toBe("InvalidAction.NotFound");
  expect(await codeOf(identityCall(api.target, "DescribeInstances", REGION))).toBe("InvalidAction.NotFound");
});

test("no secret and no token is in the log or the database, or told twice", async () => {
  const dir = api.context.config.dataDir;
  const files = readdirSync(dir).filter((name) => name.startsWith("control-plane.db"));
  const stored = files.map((name) => readFileSync(join(dir, name), "latin1")).join("");
  const logged = api.logged.join("");
  const answers = JSON.stringify([
    await identityCall(api.target, "ListAccessKeys", { UserName: "keys" }),
    await identityCall(api.target, "ListUsers", {}),
  ]);
  expect(files).toContain("control-plane.db");
  expect(stored).toContain("STS.expired");
  expect(secrets.length).toBeGreaterThan(20);
  for (const secret of [...secrets, api.target.accessKeySecret]) {
    expect([stored.includes(secret), logged.includes(secret), answers.includes(secret)]).toEqual([false, false, false]);
  }
});
