import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assume, codeOf, makeUser, putPolicy } from "../support/identity.ts";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { identityCall, oosCall, SDK_CLIENTS, sdkCall, type Target } from "../support/sdk.ts";
import { signedV1, toQuery } from "../support/signed-request.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

const REGION = { RegionId: "cn-hangzhou" };
const SCRIPT = { ...REGION, Type: "RunShellScript", CommandContent: "id" };
const refused = "Forbidden.RAM";

let api: OpenApi;
let lab: Instance;
let prod: Instance;
let windows: Instance;

beforeAll(async () => {
  api = await openApi({ maxOpenActivations: 1000 });
  lab = await api.addInstance({ tags: [{ key: "env", value: "lab" }] });
  prod = await api.addInstance({ tags: [{ key: "env", value: "prod" }] });
  windows = await api.addInstance({
    host: { ...lab.host, osType: "windows" },
    tags: [{ key: "os", value: "windows" }],
  });
});
afterAll(() => api.close());

const call = (target: Target, action: string, parameters: Json): Promise<Json> =>
  sdkCall("pop-post", target, action, { ...REGION, ...parameters });
const allow = (more: object = {}): object => ({ Effect: "Allow", Action: "ecs:*", Resource: "*", ...more });
const runAs = (...users: string[]): object =>
  allow({
    Action: ["ecs:InvokeCommand", "ecs:RunCommand", "ecs:ModifyInvocationAttribute"],
    Condition: { StringEquals: { "ecs:CommandRunAs": users } },
  });

describe("who a script runs as", () => {
  const notRoot = allow({
    Action: ["ecs:InvokeCommand", "ecs:RunCommand"],
    Condition: { StringNotEqualsIgnoreCase: { "ecs:CommandRunAs": ["system", "root"] } },
  });

  test("of a kept command, through every SDK", async () => {
    const user = await makeUser(api.target, "invoker", { statements: [notRoot] });
    const { CommandId } = await call(api.target, "CreateCommand", { ...SCRIPT, Name: "kept", CommandContent: "aWQ=" });
    for (const client of SDK_CLIENTS) {
      const codes = ["app", "root", "ROOT", ""].map((Username) =>
        codeOf(
          sdkCall(client, user, "InvokeCommand", { ...REGION, CommandId, InstanceId: [lab.instanceId], Username }),
        ),
      );
      expect([client, ...(await Promise.all(codes))]).toEqual([client, "accepted", refused, refused, refused]);
    }
    expect(
      await codeOf(call(user, "InvokeCommand", { CommandId: "c-none", InstanceId: [lab.instanceId], Username: "app" })),
    ).toBe("InvalidCmdId.NotFound");
  });

  test("on Windows the default is System, of a kept command too", async () => {
    const user = await makeUser(api.target, "windows", { statements: [runAs("System")] });
    const script = { ...SCRIPT, Type: "RunPowerShellScript", InstanceId: [windows.instanceId] };
    const { CommandId } = await call(api.target, "CreateCommand", { ...script, Name: "kept", CommandContent: "aWQ=" });
    expect(await codeOf(call(user, "RunCommand", script))).toBe("accepted");
    expect(await codeOf(call(user, "InvokeCommand", { CommandId, InstanceId: [windows.instanceId] }))).toBe("accepted");
    expect(await codeOf(call(user, "RunCommand", { ...SCRIPT, InstanceId: [lab.instanceId] }))).toBe(refused);
  });

  test("who may not run as root may not change what runs as root", async () => {
    const user = await makeUser(api.target, "changer", { statements: [runAs("app")] });
    const repeating = { ...SCRIPT, InstanceId: [lab.instanceId], RepeatMode: "Period", Frequency: "rate(1h)" };
    const [ofRoot, ofApp] = [
      await call(api.target, "RunCommand", repeating),
      await call(api.target, "RunCommand", { ...repeating, Username: "app" }),
    ];
    const change = (answer: Json): Promise<string> =>
      codeOf(call(user, "ModifyInvocationAttribute", { InvokeId: answer["InvokeId"], CommandContent: "aWQ=" }));
    expect([await change(ofRoot), await change(ofApp)]).toEqual([refused, "accepted"]);
  });
});

test("hosts chosen by tag are asked for one by one", async () => {
  const user = await makeUser(api.target, "tagger", {
    statements: [allow({ Resource: [`acs:ecs:*:*:instance/${lab.instanceId}`, "acs:ecs:*:*:command/*"] })],
  });
  const run = (Key: string, Value: string): Promise<string> =>
    codeOf(call(user, "RunCommand", { ...SCRIPT, ResourceTag: [{ Key, Value }] }));
  expect([await run("env", "lab"), await run("env", "prod"), await run("env", "none")]).toEqual([
    "accepted",
    refused,
    refused,
  ]);
});

test("tags of a command, and tags that are given to it", async () => {
  const user = await makeUser(api.target, "command-tags", {
    statements: [
      allow({ Condition: { StringEquals: { "ecs:tag/team": "a" } } }),
      { ...allow({ Condition: { StringLike: { "acs:RequestTag/team": "*" } } }), Effect: "Deny" },
    ],
  });
  const create = async (Value: string): Promise<unknown> =>
    (
      await call(api.target, "CreateCommand", {
        ...SCRIPT,
        Name: "n",
        CommandContent: "aWQ=",
        Tag: [{ Key: "team", Value }],
      })
    )["CommandId"];
  const [ofA, ofB] = [await create("a"), await create("b")];
  const show = (CommandId: unknown): Promise<string> => codeOf(call(user, "DescribeCommands", { CommandId }));
  expect([await show(ofA), await show(ofB), await codeOf(call(user, "DescribeCommands", {}))]).toEqual([
    "accepted",
    refused,
    refused,
  ]);
  const tag = (Key: string): Promise<string> =>
    codeOf(call(user, "TagResources", { ResourceType: "command", ResourceId: [ofA], Tag: [{ Key, Value: "b" }] }));
  expect([await tag("team"), await tag("other")]).toEqual([refused, "accepted"]);
});

const referTo = (content: string, more: Json = {}): Json => ({
  ...SCRIPT,
  InstanceId: [lab.instanceId],
  EnableParameter: true,
  CommandContent: content,
  ...more,
});
const oos = (action: string, ...names: string[]): object => ({
  Effect: "Allow",
  Action: `oos:${action}`,
  Resource: names.map((name) => `acs:oos:*:*:${name}`),
});

describe("the Parameter Store, in what is run", () => {
  beforeAll(async () => {
    for (const Name of ["open", "closed"]) {
      await oosCall(api.target, "CreateParameter", { ...REGION, Name, Type: "String", Value: "v" });
      await oosCall(api.target, "CreateSecretParameter", { ...REGION, Name, Value: "s" });
    }
  });

  test("is asked for each parameter that is read, before it is told whether there is one", async () => {
    const user = await makeUser(api.target, "reader", {
      statements: [
        allow(),
        oos("GetParameter", "parameter/open", "parameter/none"),
        oos("GetSecretParameter", "secretparameter/open"),
      ],
    });
    const run = (content: string): Promise<string> => codeOf(call(user, "RunCommand", referTo(content)));
    expect(await run("{{oos:open}} {{oos-secret:open}}")).toBe("accepted");
    expect(await run("{{oos:none}}")).toBe("ParameterStore.InvalidParameters");
    for (const content of [
      "{{oos:closed}}",
      "{{oos-secret:closed}}",
      "{{oos:open}} {{oos:closed}}",
      "{{oos:nobody}}",
      "{{oos-secret:none}}",
    ]) {
      expect([content, await run(content)]).toEqual([content, "ParameterStore.NoPermission"]);
    }
    expect(await codeOf(call(user, "RunCommand", { ...referTo("{{oos:closed}}"), EnableParameter: false }))).toBe(
      "accepted",
    );
  });

  test("of a kept command, a Windows password and a change of a schedule too", async () => {
    const user = await makeUser(api.target, "no-reader", { statements: [allow()] });
    const { CommandId } = await call(
      api.target,
      "CreateCommand",
      referTo(Buffer.from("{{oos:open}}").toString("base64"), { Name: "n" }),
    );
    const { InvokeId } = await call(
      api.target,
      "RunCommand",
      referTo("id", { RepeatMode: "Period", Frequency: "rate(1h)" }),
    );
    const password = {
      ...SCRIPT,
      Type: "RunBatScript",
      InstanceId: [windows.instanceId],
      Username: "app",
      WindowsPasswordName: "open",
    };
    const codes = [
      call(user, "InvokeCommand", { CommandId, InstanceId: [lab.instanceId] }),
      call(user, "RunCommand", password),
      call(user, "ModifyInvocationAttribute", {
        InvokeId,
        CommandContent: "{{oos:open}}",
        ContentEncoding: "PlainText",
      }),
    ];
    expect(await Promise.all(codes.map(codeOf))).toEqual(Array.from(codes, () => "ParameterStore.NoPermission"));
    expect(await codeOf(call(api.target, "RunCommand", password))).toBe("accepted");
  });

  test("the log says which statement it was, and the policy of a temporary key counts too", async () => {
    const user = await makeUser(api.target, "temporary-reader", { statements: [allow(), oos("*", "*")] });
    const Policy = JSON.stringify({ Version: "1", Statement: [allow()] });
    const narrowed = await assume(user, api.context.config.accountId, "user/temporary-reader", { Policy });
    expect(await codeOf(call(user, "RunCommand", referTo("{{oos:open}}")))).toBe("accepted");
    expect(await codeOf(call(narrowed, "RunCommand", referTo("{{oos:open}}")))).toBe("ParameterStore.NoPermission");
    expect(JSON.parse(api.logged.findLast((line) => line.includes("call refused by policy")) ?? "{}")).toMatchObject({
      action: "oos:GetParameter",
      layer: "session",
    });
  });
});

/** All that is said before the connection ends or breaks. */
async function rest(chunks: AsyncIterator<Uint8Array>): Promise<string> {
  let text = "";
  try {
    for (let next = await chunks.next(); !next.done; next = await chunks.next())
      text += Buffer.from(next.value).toString();
  } catch {
    return text;
  }
  return text;
}

describe("live output ends", () => {
  let invokeId: string;
  beforeAll(async () => {
    invokeId = String(
      (await call(api.target, "RunCommand", { ...SCRIPT, InstanceId: [prod.instanceId], DeliveryTimeout: 600 }))[
        "InvokeId"
      ],
    );
  });
  const follow = async (target: Target): Promise<AsyncIterator<Uint8Array>> => {
    const asked = {
      ...REGION,
      InvokeId: invokeId,
      Follow: "true",
      ...(target.securityToken && { SecurityToken: target.securityToken }),
    };
    const { body, status } = await fetch(
      `${target.endpoint}/?${toQuery(signedV1(target, "StreamInvocationOutput", asked, "POST"))}`,
      { method: "POST" },
    );
    expect(status).toBe(200);
    const chunks = (body as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    await chunks.next(); // it has begun
    return chunks;
  };
  test("with the access key, with what a policy allows, and with the key of a temporary one; not for others", async () => {
    const [gone, detached, parent, kept] = await Promise.all(
      ["gone", "detached", "parent", "kept"].map((name) =>
        makeUser(api.target, name, { system: ["AliyunECSFullAccess"] }),
      ),
    );
    if (!gone || !detached || !parent || !kept) throw new Error("there are four");
    const temporary = await assume(parent, api.context.config.accountId, "user/parent");
    const streams = await Promise.all([gone, detached, temporary, kept].map(follow));
    await identityCall(api.target, "DeleteAccessKey", { UserName: "gone", UserAccessKeyId: gone.accessKeyId });
    await identityCall(api.target, "DetachPolicyFromUser", {
      PolicyType: "System",
      PolicyName: "AliyunECSFullAccess",
      UserName: "detached",
    });
    await identityCall(api.target, "UpdateAccessKey", {
      UserName: "parent",
      UserAccessKeyId: parent.accessKeyId,
      Status: "Inactive",
    });
    await putPolicy(api.target, "unrelated", allow());
    const told = Promise.all(streams.map(rest));
    await api.play({ invokeId, instanceId: prod.instanceId }, Buffer.from("later"));
    const data = Buffer.from("later").toString("base64");
    expect((await told).map((text) => text.includes(data))).toEqual([false, false, false, true]);
  });
});
