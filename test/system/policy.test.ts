import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, makeUser, putPolicy } from "../support/identity.ts";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { SDK_CLIENTS, identityCall, sdkCall, type Target } from "../support/sdk.ts";
import { signedV1, toQuery } from "../support/signed-request.ts";

const REGION = { RegionId: "cn-hangzhou" };
const SCRIPT = { ...REGION, Type: "RunShellScript", CommandContent: "id" };

let api: OpenApi;
let lab: Instance;
let prod: Instance;

beforeAll(async () => {
  api = await openApi({ maxOpenActivations: 1000 });
  lab = await api.addInstance({ tags: [{ key: "env", value: "lab" }] });
  prod = await api.addInstance({ tags: [{ key: "env", value: "prod" }] });
});
afterAll(() => api.close());

const allow = (more: object = {}): object => ({ Effect: "Allow", Action: "ecs:*", Resource: "*", ...more });
const run = (user: Target, { instanceId }: Instance, more: object = {}): Promise<Record<string, unknown>> =>
  sdkCall("v3", user, "RunCommand", { ...SCRIPT, InstanceId: [instanceId], ...more });
const refused = "Forbidden.RAM";

describe("the page on running commands as a regular user", () => {
  // its two policies, as they stand there, but for the line breaks
  const named =
    '{"Statement":[{"Effect":"Allow","Action":["ecs:InvokeCommand","ecs:RunCommand"],"Resource":["acs:ecs:*:*:instance/*","acs:ecs:*:*:command/*"],"Condition":{"StringEquals":{"ecs:CommandRunAs":["user01","user02"]}}}],"Version":"1"}';
  const notRoot =
    '{"Statement":[{"Effect":"Allow","Action":["ecs:InvokeCommand","ecs:RunCommand"],"Resource":["acs:ecs:*:*:instance/*","acs:ecs:*:*:command/*"],"Condition":{"StringNotEqualsIgnoreCase":{"ecs:CommandRunAs":["system","root"]}}}],"Version":"1"}';

  test.each([
    ["named", named, { user01: true, user02: true, user03: false, root: false, "": false }],
    ["notRoot", notRoot, { user01: true, user03: true, root: false, Root: false, "": false }],
  ])("%s, through every SDK", async (name, document, users) => {
    const user = await makeUser(api.target, name, { system: ["AliyunECSReadOnlyAccess"] });
    await identityCall(api.target, "PutPolicy", { PolicyName: "commandUserPolicy", PolicyDocument: document });
    await identityCall(api.target, "AttachPolicyToUser", {
      PolicyType: "Custom",
      PolicyName: "commandUserPolicy",
      UserName: name,
    });
    for (const client of SDK_CLIENTS) {
      for (const [Username, allowed] of Object.entries(users)) {
        const call = sdkCall(client, user, "RunCommand", { ...SCRIPT, InstanceId: [lab.instanceId], Username });
        expect([client, Username, await codeOf(call)]).toEqual([client, Username, allowed ? "accepted" : refused]);
      }
      expect(await codeOf(sdkCall(client, user, "DescribeInvocationResults", REGION))).toBe("accepted");
      expect(await codeOf(sdkCall(client, user, "CreateActivation", REGION))).toBe(refused);
    }
    await identityCall(api.target, "DetachPolicyFromUser", {
      PolicyType: "Custom",
      PolicyName: "commandUserPolicy",
      UserName: name,
    });
    expect(await codeOf(run(user, lab, { Username: "user01" }))).toBe(refused);
  });
});

test("a refusal is a 403 that says what was refused to whom, and the log says why", async () => {
  const user = await makeUser(api.target, "limited", {
    statements: [allow(), { ...allow({ Action: "ecs:Stop*" }), Effect: "Deny" }],
  });
  const { status, body } = await post(user, "StopInvocation", { InvokeId: "t-1" });
  expect([status, body]).toEqual([
    403,
    {
      RequestId: body["RequestId"],
      HostId: new URL(user.endpoint).host,
      Code: refused,
      Message: "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
      Recommend: "docs/errors.md#Forbidden.RAM",
      AccessDeniedDetail: {
        AuthAction: "ecs:StopInvocation",
        AuthPrincipalType: "SubUser",
        AuthPrincipalOwnerId: api.context.config.accountId,
        AuthPrincipalDisplayName: "limited",
        NoPermissionType: "ExplicitDeny",
        PolicyType: "AccountLevelIdentityBasedPolicy",
      },
    },
  ]);
  const line = api.logged.find((one) => one.includes(String(body["RequestId"]))) ?? "{}";
  expect(JSON.parse(line)).toMatchObject({
    msg: "call refused by policy",
    policy: "limited-1",
    statement: 1,
    userName: "limited",
  });
});

describe("resources", () => {
  test("instances by id: all of a call's targets, or none of it", async () => {
    const one = `acs:ecs:*:${api.context.config.accountId}:instance/${lab.instanceId}`;
    const user = await makeUser(api.target, "by-id", {
      statements: [allow({ Resource: [one, "acs:ecs:*:*:command/*"] })],
    });
    expect(await codeOf(run(user, lab))).toBe("accepted");
    expect(await codeOf(run(user, prod))).toBe(refused);
    expect(await codeOf(run(user, lab, { InstanceId: [lab.instanceId, prod.instanceId] }))).toBe(refused);
  });

  test("an invocation is as reachable as its instances", async () => {
    const user = await makeUser(api.target, "by-run", {
      statements: [allow({ Resource: [`acs:ecs:*:*:instance/${lab.instanceId}`, "acs:ecs:*:*:command/*"] })],
    });
    const [mine, other] = await Promise.all([run(api.target, lab), run(api.target, prod)]);
    for (const [action, more] of [
      ["DescribeInvocations", {}],
      ["DescribeInvocationResults", {}],
      ["StreamInvocationOutput", {}],
      ["StopInvocation", {}],
    ] as const) {
      const ask = (InvokeId: unknown): Promise<string> =>
        codeOf(askRaw(user, action, { ...REGION, InvokeId, ...more }));
      expect([action, await ask(mine["InvokeId"]), await ask(other["InvokeId"]), await ask("t-none")]).toEqual([
        action,
        "accepted",
        refused,
        refused,
      ]);
    }
    const list = (more: object): Promise<string> =>
      codeOf(sdkCall("v3", user, "DescribeInvocations", { ...REGION, ...more }));
    expect([
      await list({ InstanceId: lab.instanceId }),
      await list({ InstanceId: prod.instanceId }),
      await list({}),
    ]).toEqual(["accepted", refused, refused]);
  });

  test("tags of the instance, and tags that the call gives", async () => {
    const user = await makeUser(api.target, "by-tag", {
      statements: [
        allow({ Resource: "acs:ecs:*:*:instance/*", Condition: { StringEquals: { "ecs:tag/env": "lab" } } }),
        allow({ Resource: "acs:ecs:*:*:command/*", Condition: { StringNotLike: { "acs:RequestTag/job": "x*" } } }),
      ],
    });
    expect(await codeOf(run(user, lab))).toBe("accepted");
    expect(await codeOf(run(user, prod))).toBe(refused);
    expect(await codeOf(run(user, lab, { Tag: [{ Key: "job", Value: "nightly" }] }))).toBe("accepted");
    expect(await codeOf(run(user, lab, { Tag: [{ Key: "job", Value: "xx" }] }))).toBe(refused);
  });

  test("activations, by their own resource", async () => {
    const user = await makeUser(api.target, "by-activation", {
      statements: [allow({ Resource: "acs:ecs:*:*:activation/*" })],
    });
    expect(await codeOf(sdkCall("v3", user, "CreateActivation", REGION))).toBe("accepted");
    expect(await codeOf(sdkCall("v3", user, "DescribeManagedInstances", REGION))).toBe(refused);
  });

  test("address and time of the request", async () => {
    const when = (operator: string, key: string, value: string): object =>
      allow({ Condition: { [operator]: { [key]: value } } });
    const user = await makeUser(api.target, "by-place");
    await putPolicy(api.target, "place", allow());
    await identityCall(api.target, "AttachPolicyToUser", {
      PolicyType: "Custom",
      PolicyName: "place",
      UserName: "by-place",
    });
    const ask = async (statement: object): Promise<string> => {
      await putPolicy(api.target, "place", statement);
      return codeOf(sdkCall("v3", user, "DescribeInstances", REGION));
    };
    expect(await ask(when("IpAddress", "acs:SourceIp", "127.0.0.0/8"))).toBe("accepted");
    expect(await ask(when("NotIpAddress", "acs:SourceIp", "127.0.0.0/8"))).toBe(refused);
    expect(await ask(when("DateLessThan", "acs:CurrentTime", "2026-01-01"))).toBe(refused);
    expect(await ask(when("DateGreaterThan", "acs:CurrentTime", "2026-01-01"))).toBe("accepted");
  });

  test("a repeated ClientToken is answered to nobody who may not ask", async () => {
    const user = await makeUser(api.target, "by-token", {
      statements: [allow({ Condition: { StringEquals: { "ecs:CommandRunAs": "app" } } })],
    });
    const asked = { ClientToken: "policy-token", Username: "root" };
    expect(await codeOf(run(api.target, lab, asked))).toBe("accepted");
    expect(await codeOf(run(user, lab, asked))).toBe(refused);
  });
});

test("what is explained is what is decided, with the reason of each statement", async () => {
  const user = await makeUser(api.target, "explained", {
    statements: [
      allow({ Condition: { StringEquals: { "ecs:CommandRunAs": ["app"], "ecs:tag/env": "lab" } } }),
      { Effect: "Deny", Action: "ecs:RunCommand", Resource: `acs:ecs:*:*:instance/${prod.instanceId}` },
    ],
  });
  const explain = (Resource: string[], RunAs: string): Promise<Record<string, unknown>> =>
    identityCall(api.target, "ExplainPolicy", {
      ...REGION,
      UserName: "explained",
      ActionName: "ecs:RunCommand",
      Resource,
      RunAs,
    });
  const instances = [`instance/${lab.instanceId}`, `instance/${prod.instanceId}`];
  const account = api.context.config.accountId;
  expect(await explain(instances, "app")).toMatchObject({
    Decision: "Deny",
    Results: {
      Result: [
        {
          Resource: `acs:ecs:cn-hangzhou:${account}:${instances[0]}`,
          Decision: "Allow",
          Because: "an Allow applies and no Deny does",
        },
        {
          Resource: `acs:ecs:cn-hangzhou:${account}:${instances[1]}`,
          Decision: "Deny",
          Because: "a Deny applies, and a Deny wins",
          Statements: {
            Statement: [
              {
                PolicyName: "explained-0",
                Statement: 1,
                Effect: "Allow",
                Applies: false,
                Reason: 'StringEquals ecs:tag/env: it is "prod", the policy has "lab"',
              },
              { PolicyName: "explained-1", Statement: 1, Effect: "Deny", Applies: true, Reason: "" },
            ],
          },
        },
      ],
    },
  });
  expect(await explain([instances[0] ?? ""], "root")).toMatchObject({
    Decision: "Deny",
    Results: {
      Result: [
        {
          Because: "no Allow applies",
          Statements: {
            Statement: [{ Reason: 'StringEquals ecs:CommandRunAs: it is "root", the policy has "app"' }, {}],
          },
        },
      ],
    },
  });
  expect(await codeOf(run(user, prod, { Username: "app" }))).toBe(refused);
  const { CommandId } = await sdkCall("v3", api.target, "CreateCommand", {
    ...SCRIPT,
    Name: "n",
    CommandContent: "aWQ=",
    Tag: [{ Key: "env", Value: "lab" }],
  });
  expect(await explain([`command/${String(CommandId)}`, "command/none"], "app")).toMatchObject({
    Results: { Result: [{ Decision: "Allow" }, { Decision: "Deny" }] },
  });
  expect(
    await codeOf(
      identityCall(api.target, "ExplainPolicy", { ...REGION, UserName: "nobody-such", ActionName: "ecs:RunCommand" }),
    ),
  ).toBe("EntityNotExist.User");
});

async function post(
  target: Target,
  action: string,
  parameters: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(
    `${target.endpoint}/?${toQuery(signedV1(target, action, { ...REGION, ...parameters }, "POST"))}`,
    { method: "POST" },
  );
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Also of an action that answers lines. */
async function askRaw(target: Target, action: string, parameters: Record<string, unknown>): Promise<void> {
  const flat = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
  const response = await fetch(`${target.endpoint}/?${toQuery(signedV1(target, action, flat, "POST"))}`, {
    method: "POST",
  });
  const text = await response.text();
  if (!response.ok) throw Object.assign(new Error(text), { code: (JSON.parse(text) as { Code: string }).Code });
}
