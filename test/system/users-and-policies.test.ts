import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, makeUser } from "../support/identity.ts";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { identityCall } from "../support/sdk.ts";

let api: OpenApi;

beforeAll(async () => {
  api = await openApi();
  await makeUser(api.target, "keys");
});
afterAll(() => api.close());

const admin = (action: string, parameters: Record<string, unknown>): Promise<string> =>
  codeOf(identityCall(api.target, action, parameters));

describe("users and policies", () => {
  test("come back as they were given, and go when nothing hangs on them", async () => {
    const key = await makeUser(api.target, "first.user_1-x", { system: ["AliyunECSReadOnlyAccess"] });
    expect(await identityCall(api.target, "GetUser", { UserName: "first.user_1-x" })).toMatchObject({
      User: { UserName: "first.user_1-x", DisplayName: "first.user_1-x" },
    });
    const document = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';
    await identityCall(api.target, "PutPolicy", {
      PolicyName: "all",
      PolicyDocument: document,
      Description: "everything",
    });
    expect(await identityCall(api.target, "GetPolicy", { PolicyName: "all", PolicyType: "Custom" })).toMatchObject({
      Policy: { PolicyName: "all", PolicyType: "Custom", Description: "everything", PolicyDocument: document },
    });
    const of = { PolicyType: "Custom", PolicyName: "all", UserName: "first.user_1-x" };
    expect(await admin("AttachPolicyToUser", of)).toBe("accepted");
    expect(await admin("AttachPolicyToUser", of)).toBe("EntityAlreadyExists.User.Policy");
    expect(await admin("DeletePolicy", { PolicyName: "all" })).toBe("DeleteConflict.Policy.User");
    expect(await admin("DeleteUser", { UserName: "first.user_1-x" })).toBe("DeleteConflict.User.AccessKey");
    await admin("DeleteAccessKey", { UserName: "first.user_1-x", UserAccessKeyId: key.accessKeyId });
    expect(await admin("DeleteUser", { UserName: "first.user_1-x" })).toBe("DeleteConflict.User.Policy");
    expect(await identityCall(api.target, "ListPoliciesForUser", { UserName: "first.user_1-x" })).toMatchObject({
      Policies: {
        Policy: [
          { PolicyType: "Custom", PolicyName: "all" },
          { PolicyType: "System", PolicyName: "AliyunECSReadOnlyAccess" },
        ],
      },
    });
    expect(await admin("DetachPolicyFromUser", of)).toBe("accepted");
    expect(await admin("DetachPolicyFromUser", of)).toBe("EntityNotExist.User.Policy");
    await admin("DetachPolicyFromUser", { ...of, PolicyType: "System", PolicyName: "AliyunECSReadOnlyAccess" });
    expect(await admin("DeleteUser", { UserName: "first.user_1-x" })).toBe("accepted");
    expect(await admin("DeleteUser", { UserName: "first.user_1-x" })).toBe("EntityNotExist.User");
    expect(await admin("DeletePolicy", { PolicyName: "all" })).toBe("accepted");
    expect(await admin("DeletePolicy", { PolicyName: "all" })).toBe("EntityNotExist.Policy");
  });

  test.each([
    ["CreateUser", { UserName: "a b" }, "InvalidParameter.UserName.InvalidChars"],
    ["CreateUser", { UserName: "a".repeat(65) }, "InvalidParameter.UserName.Length"],
    ["CreateUser", { UserName: "a", Comments: "c".repeat(129) }, "InvalidParameter.Comments.Length"],
    ["CreateUser", { UserName: "a", DisplayName: "c".repeat(129) }, "InvalidParameter.DisplayName.Length"],
    ["PutPolicy", { PolicyName: "a.b", PolicyDocument: "{}" }, "InvalidParameter.PolicyName.InvalidChars"],
    ["PutPolicy", { PolicyName: "a".repeat(129), PolicyDocument: "{}" }, "InvalidParameter.PolicyName.Length"],
    [
      "PutPolicy",
      { PolicyName: "a", PolicyDocument: "{}", Description: "d".repeat(1025) },
      "InvalidParameter.Description.Length",
    ],
    ["PutPolicy", { PolicyName: "a", PolicyDocument: "{}" }, "MalformedPolicyDocument"],
    ["PutPolicy", { PolicyName: "AliyunECSFullAccess", PolicyDocument: "{}" }, "EntityAlreadyExists.Policy"],
    ["AttachPolicyToUser", { PolicyName: "a", PolicyType: "Other", UserName: "keys" }, "InvalidParameter.PolicyType"],
    ["AttachPolicyToUser", { PolicyName: "none", PolicyType: "Custom", UserName: "keys" }, "EntityNotExist.Policy"],
    ["AttachPolicyToUser", { PolicyName: "none", PolicyType: "System", UserName: "keys" }, "EntityNotExist.Policy"],
    ["GetPolicy", { PolicyName: "none", PolicyType: "System" }, "EntityNotExist.Policy"],
    ["CreateUser", { UserName: "keys" }, "EntityAlreadyExists.User"],
    ["CreateAccount", { AccountName: "main" }, "accepted"],
    ["CreateAccount", { AccountName: "main" }, "EntityAlreadyExists.Account"],
    ["AssumeRole", { RoleArn: "keys", RoleSessionName: "test" }, "InvalidParameter.RoleArn"],
    ["AssumeRole", { RoleArn: "acs:ram::1:root", RoleSessionName: "a b" }, "InvalidParameter.RoleSessionName"],
    [
      "AssumeRole",
      { RoleArn: "acs:ram::1:root", RoleSessionName: "test", DurationSeconds: 43201 },
      "InvalidParameter.DurationSeconds",
    ],
    [
      "AssumeRole",
      { RoleArn: "acs:ram::1:root", RoleSessionName: "test", DurationSeconds: 899 },
      "InvalidParameter.DurationSeconds",
    ],
  ])("%s %j: %s", async (action, parameters, code) => {
    expect(await admin(action, parameters)).toBe(code);
  });
});
