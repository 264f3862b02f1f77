import { randomUUID } from "node:crypto";
import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { SDK_CLIENTS, sdkCall } from "../support/sdk.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it
const REGION = { RegionId: "cn-hangzhou" };
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const COMMAND = {
  Name: "hello",
  Type: "RunShellScript",
  CommandContent: base64("echo {{who}} {{ACS::InstanceId}}"),
  EnableParameter: true,
};

let api: OpenApi;
let host: Instance;
beforeAll(async () => {
  api = await openApi({ maxCommands: 40 });
  host = await api.addInstance();
});
afterAll(() => api.close());

const call = (action: string, parameters: Json): Promise<Json> =>
  sdkCall("pop-post", api.target, action, { ...REGION, ...parameters });
const refusal = (action: string, parameters: Json): Promise<unknown> =>
  call(action, parameters).then(
    () => "none",
    (error: { code: string }) => error.code,
  );
const create = async (parameters: Json = {}): Promise<string> =>
  (await call("CreateCommand", { ...COMMAND, ...parameters }))["CommandId"] as string;
const describeCommands = async (parameters: Json): Promise<Json[]> =>
  (await call("DescribeCommands", parameters))["Commands"].Command as Json[];
const invocationOf = async (InvokeId: string): Promise<Json> =>
  (await call("DescribeInvocations", { InvokeId }))["Invocations"].Invocation[0] as Json;

describe("a kept command", () => {
  test.each(SDK_CLIENTS)("is created and described as documented, through %s", async (client) => {
    const asked = {
      ...REGION,
      ...COMMAND,
      Description: "what for",
      WorkingDir: "/srv",
      Timeout: 90,
      Launcher: "python3 -u",
      Tag: [{ Key: "env", Value: "lab" }],
    };
    const { CommandId, RequestId, ...rest } = await sdkCall(client, api.target, "CreateCommand", asked);
    expect([CommandId, RequestId, rest]).toEqual([expect.stringMatching(/^c-/), expect.any(String), {}]);
    const answer = await sdkCall(client, api.target, "DescribeCommands", { ...REGION, CommandId });
    expect(answer).toEqual({
      RequestId: expect.any(String) as string,
      PageNumber: 1,
      PageSize: 10,
      TotalCount: 1,
      NextToken: "",
      Commands: {
        Command: [
          {
            CommandId,
            Name: "hello",
            Description: "what for",
            Type: "RunShellScript",
            CommandContent: COMMAND.CommandContent,
            WorkingDir: "/srv",
            Timeout: 90,
            EnableParameter: true,
            ParameterNames: { ParameterName: ["who"] },
            ParameterDefinitions: {
              ParameterDefinition: [
                {
                  ParameterName: "who",
                  Description: "",
                  DefaultValue: "",
                  PatternRegex: "",
                  Required: false,
                  PossibleValues: { PossibleValue: [] },
                },
              ],
            },
            Launcher: "python3 -u",
            Provider: "",
            Category: "",
            InvokeTimes: 0,
            CreationTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/) as string,
            ResourceGroupId: "",
            Tags: { Tag: [{ TagKey: "env", TagValue: "lab" }] },
          },
        ],
      },
    });
  });

  test("content is Base64 unless it says otherwise, and comes back in the encoding asked for", async () => {
    const CommandId = await create({
      CommandContent: "echo {{x}}",
      ContentEncoding: "PlainText",
      EnableParameter: false,
    });
    const [command] = await describeCommands({ CommandId, ContentEncoding: "PlainText" });
    expect(command).toMatchObject({
      CommandContent: "echo {{x}}",
      ParameterNames: { ParameterName: [] },
      Timeout: 60,
      WorkingDir: "",
    });
    expect(await refusal("CreateCommand", { ...COMMAND, CommandContent: "echo {{x}}" })).toBe("CmdContent.DecodeError");
  });

  test("is modified in what is given, and nowhere else", async () => {
    const CommandId = await create({ Description: "old", WorkingDir: "/old", Timeout: 70, Launcher: "sh" });
    await call("ModifyCommand", {
      CommandId,
      Name: "new",
      Description: "",
      Timeout: 80,
      CommandContent: base64("echo other"),
    });
    const [command] = await describeCommands({ CommandId });
    expect(command).toMatchObject({
      Name: "new",
      Description: "",
      WorkingDir: "/old",
      Timeout: 80,
      Launcher: "sh",
      CommandContent: COMMAND.CommandContent,
    });
    await call("ModifyCommand", { CommandId, Name: "" });
    expect((await describeCommands({ CommandId }))[0]).toMatchObject({ Name: "new" });
  });

  test("is found by name and description with a * at either end, by type, tag and page", async () => {
    const tag = { Key: "set", Value: randomUUID() };
    for (const name of ["alpha-1", "alpha-2", "be*a"])
      await create({ Name: name, Description: `of ${name}`, Tag: [tag] });
    const names = async (parameters: Json): Promise<string[]> =>
      (await describeCommands({ Tag: [tag], ...parameters })).map(({ Name }) => Name as string);
    expect(await names({})).toEqual(["be*a", "alpha-2", "alpha-1"]);
    expect(await names({ Name: "alpha-1" })).toEqual(["alpha-1"]);
    expect(await names({ Name: "alpha*" })).toEqual(["alpha-2", "alpha-1"]);
    expect(await names({ Name: "*a" })).toEqual(["be*a"]);
    expect(await names({ Name: "*e*a*" })).toEqual(["be*a"]);
    expect(await names({ Name: "ALPHA*" })).toEqual([]);
    expect(await names({ Description: "*alpha-2" })).toEqual(["alpha-2"]);
    expect(await names({ Type: "RunBatScript" })).toEqual([]);
    expect(await names({ Provider: "AlibabaCloud" })).toEqual([]);
    const first = await call("DescribeCommands", { Tag: [tag], MaxResults: 2 });
    expect(first["Commands"].Command).toHaveLength(2);
    expect(await names({ MaxResults: 2, NextToken: first["NextToken"] })).toEqual(["alpha-1"]);
    expect(await names({ PageSize: 2, PageNumber: 2 })).toEqual(["alpha-1"]);
  });

  test("is deleted when none of its invocations is open; what was run stays told", async () => {
    const CommandId = await create();
    const { InvokeId } = await call("InvokeCommand", { CommandId, InstanceId: [host.instanceId] });
    expect(await refusal("DeleteCommand", { CommandId })).toBe("InvalidStatus.CmdIdInUse");
    await api.play({ invokeId: InvokeId, instanceId: host.instanceId }, Buffer.from("done"));
    await call("DeleteCommand", { CommandId });
    expect(await describeCommands({ CommandId })).toEqual([]);
    expect(await invocationOf(InvokeId)).toMatchObject({
      CommandId,
      CommandName: "hello",
      InvocationStatus: "Success",
    });
    for (const action of ["DeleteCommand", "ModifyCommand"])
      expect(await refusal(action, { CommandId })).toBe("InvalidCmdId.NotFound");
    expect(await refusal("InvokeCommand", { CommandId, InstanceId: [host.instanceId] })).toBe("InvalidCmdId.NotFound");
  });
});

describe("InvokeCommand", () => {
  test.each(SDK_CLIENTS)(
    "runs the command with its own directory, timeout and launcher, or the call's, through %s",
    async (client) => {
      const CommandId = await create({ WorkingDir: "/srv", Timeout: 90, Launcher: "python3" });
      const asked = {
        ...REGION,
        CommandId,
        InstanceId: [host.instanceId],
        Parameters: client === "v3" || client === "v2" ? { who: "me" } : '{"who":"me"}',
      };
      const { InvokeId, RequestId, ...rest } = (await sdkCall(client, api.target, "InvokeCommand", asked)) as Json;
      expect([InvokeId, RequestId, rest]).toEqual([expect.stringMatching(/^t-/), expect.any(String), {}]);
      expect(await invocationOf(InvokeId as string)).toMatchObject({
        CommandId,
        CommandName: "hello",
        CommandContent: COMMAND.CommandContent,
        Parameters: '{"who":"me"}',
        WorkingDir: "/srv",
        Timeout: 90,
        Launcher: "python3",
      });
      const other = (await sdkCall(client, api.target, "InvokeCommand", {
        ...asked,
        WorkingDir: "/tmp",
        Timeout: 10,
        Launcher: "sh",
      })) as Json;
      expect(await invocationOf(other["InvokeId"] as string)).toMatchObject({
        WorkingDir: "/tmp",
        Timeout: 10,
        Launcher: "sh",
      });
      expect((await describeCommands({ CommandId }))[0]).toMatchObject({ InvokeTimes: 2, WorkingDir: "/srv" });
    },
  );

  test.each<[string, number, Json]>([
    ["InvalidCmdId.NotFound", 404, { CommandId: "c-nobody" }],
    ["MissingParam.InstanceId", 400, { InstanceId: [] }],
    ["Parameter.NotMatched", 403, { Parameters: '{"other":"1"}' }],
    ["ParameterKey.Duplicate", 403, { Parameters: '{"who":"1","WHO":"2"}' }],
    ["InvalidParameter.Parameters", 400, { Parameters: "{" }],
    ["InvalidParameterCharset.Parameters", 403, { Parameters: '{"who":"\\u0000"}' }],
    ["CmdContent.ExceedLimit", 403, { Parameters: JSON.stringify({ who: "x".repeat(18_432) }) }],
    ["InvalidParameter", 400, { Timeout: 9 }],
    ["InvalidTimeout.ExceedLimit", 403, { Timeout: 86_401 }],
    ["InvalidParam.Frequency", 400, { Frequency: "rate(1s)" }],
    ["MissingParam.Frequency", 400, { RepeatMode: "Period" }],
    ["InvalidRepeatMode.NotFound", 404, { RepeatMode: "Never" }],
    ["InvalidResourceGroup.NotFound", 404, { ResourceGroupId: "rg-nobody" }],
  ])("%s is %i", async (code, status, changes) => {
    const CommandId = await create();
    const refused = await call("InvokeCommand", { CommandId, InstanceId: [host.instanceId], ...changes }).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code, entry: { response: { statusCode: status } } });
    await call("DeleteCommand", { CommandId });
  });
});

describe("RunCommand with KeepCommand", () => {
  test("keeps the command, counted as invoked once; without it there is none", async () => {
    const asked = { ...COMMAND, ContentEncoding: "Base64", InstanceId: [host.instanceId], Parameters: '{"who":"me"}' };
    const kept = await call("RunCommand", { ...asked, KeepCommand: true });
    expect(await describeCommands({ CommandId: kept["CommandId"] })).toMatchObject([
      { CommandContent: COMMAND.CommandContent, InvokeTimes: 1, ParameterNames: { ParameterName: ["who"] } },
    ]);
    const gone = await call("RunCommand", asked);
    expect(await describeCommands({ CommandId: gone["CommandId"] })).toEqual([]);
    expect(await invocationOf(gone["InvokeId"] as string)).toMatchObject({
      CommandId: gone["CommandId"],
      CommandContent: COMMAND.CommandContent,
    });
    expect(await refusal("InvokeCommand", { CommandId: gone["CommandId"], InstanceId: [host.instanceId] })).toBe(
      "InvalidCmdId.NotFound",
    );
  });
});

describe("the quota of kept commands", () => {
  let small: OpenApi;
  beforeAll(async () => {
    small = await openApi({ maxCommands: 3, maxInvocationsPerDay: 5 });
  });
  afterAll(() => small.close());
  const ask = (action: string, parameters: Json) =>
    sdkCall("pop-post", small.target, action, { ...REGION, ...parameters });

  test("is never exceeded, however many ask at once, and counts what RunCommand keeps", async () => {
    const { instanceId } = await small.addInstance();
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => ask("CreateCommand", COMMAND)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    const run = { ...COMMAND, ContentEncoding: "Base64", InstanceId: [instanceId] };
    await expect(ask("RunCommand", { ...run, KeepCommand: true })).rejects.toMatchObject({
      code: "CmdCount.ExceedQuota",
    });
    await ask("RunCommand", run);
    const { Commands } = (await ask("DescribeCommands", {})) as Json;
    await ask("DeleteCommand", { CommandId: Commands.Command[0].CommandId });
    await ask("RunCommand", { ...run, KeepCommand: true });
    expect(await ask("DescribeCommands", {})).toMatchObject({ TotalCount: 3 });

    await Promise.allSettled(Array.from({ length: 6 }, () => ask("RunCommand", run)));
    expect(await ask("DescribeInvocations", {})).toMatchObject({ TotalCount: 5 });
    await expect(ask("RunCommand", run)).rejects.toMatchObject({ code: "Invocation.ExceedQuota" });
  });
});

test("a ClientToken of CreateCommand and InvokeCommand gets the same answer again, at once too", async () => {
  const asked = { ...COMMAND, ClientToken: randomUUID() };
  const ids = await Promise.all(Array.from({ length: 5 }, () => call("CreateCommand", asked)));
  const CommandId = ids[0]?.["CommandId"] as string;
  expect(new Set(ids.map((answer) => answer["CommandId"]))).toEqual(new Set([CommandId]));
  expect(await refusal("CreateCommand", { ...asked, Name: "other" })).toBe("IdempotentParameterMismatch");
  // the same token is another one at another action
  const invoke = { CommandId, InstanceId: [host.instanceId], ClientToken: asked.ClientToken };
  const invoked = await Promise.all(Array.from({ length: 5 }, () => call("InvokeCommand", invoke)));
  expect(new Set(invoked.map((answer) => answer["InvokeId"])).size).toBe(1);
  expect((await describeCommands({ CommandId }))[0]).toMatchObject({ InvokeTimes: 1 });
  expect(await refusal("InvokeCommand", { ...invoke, Timeout: 61 })).toBe("IdempotentParameterMismatch");
});

describe("resource groups", () => {
  let grouped: OpenApi;
  beforeAll(async () => {
    grouped = await openApi({ resourceGroupIds: "rg-default,rg-db" });
  });
  afterAll(() => grouped.close());
  const ask = (action: string, parameters: Json): Promise<Json> =>
    sdkCall("pop-post", grouped.target, action, { ...REGION, ...parameters });

  test("of commands and invocations are checked, kept and filtered by; a host of another group is not there", async () => {
    const db = await grouped.addInstance({ resourceGroupId: "rg-db" });
    const other = await grouped.addInstance();
    const { CommandId } = await ask("CreateCommand", { ...COMMAND, ResourceGroupId: "rg-db" });
    expect((await ask("DescribeCommands", { ResourceGroupId: "rg-db" }))["Commands"].Command).toMatchObject([
      { CommandId, ResourceGroupId: "rg-db" },
    ]);
    expect(await ask("DescribeCommands", { ResourceGroupId: "rg-default" })).toMatchObject({ TotalCount: 0 });
    const { InvokeId } = await ask("InvokeCommand", {
      CommandId,
      InstanceId: [db.instanceId],
      ResourceGroupId: "rg-db",
    });
    const { InvokeId: ungrouped } = await ask("InvokeCommand", {
      CommandId,
      InstanceId: [db.instanceId, other.instanceId],
    });
    const invoked = async (ResourceGroupId: string): Promise<string[]> =>
      ((await ask("DescribeInvocations", { ResourceGroupId }))["Invocations"].Invocation as Json[]).map(
        (invocation) => invocation["InvokeId"] as string,
      );
    expect([await invoked("rg-db"), await invoked("rg-default"), await invoked("rg-nobody")]).toEqual([
      [InvokeId],
      [ungrouped],
      [],
    ]);
    expect((await ask("DescribeInvocationResults", { ResourceGroupId: "rg-db" }))["Invocation"].TotalCount).toBe(1);
    for (const [code, parameters] of [
      ["InvalidInstance.NotFound", { InstanceId: [db.instanceId, other.instanceId], ResourceGroupId: "rg-db" }],
      ["InvalidResourceGroup.NotFound", { InstanceId: [db.instanceId], ResourceGroupId: "rg-nobody" }],
    ] as const) {
      await expect(ask("InvokeCommand", { CommandId, ...parameters })).rejects.toMatchObject({ code });
    }
  });
});
