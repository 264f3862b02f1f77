import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { oosCall, sdkCall } from "../support/sdk.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

let api: OpenApi;
beforeAll(async () => {
  api = await openApi({ resourceGroupIds: "rg-default,rg-lab" });
});
afterAll(() => api.close());

const call = (action: string, parameters: Json): Promise<Json> => oosCall(api.target, action, parameters);
const errorOf = (action: string, parameters: Json): Promise<Json | undefined> =>
  call(action, parameters).then(
    () => undefined,
    (error: Json) => error,
  );
const codeOf = async (action: string, parameters: Json): Promise<unknown> =>
  (await errorOf(action, parameters))?.["code"] ?? "none";
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string;

describe.each(["", "Secret"])("%s parameters", (kind) => {
  const type = kind === "" ? "String" : "Secret";
  const named = (action: string): string => action.replace("Parameter", `${kind}Parameter`);
  const shown = kind === "" ? {} : { WithDecryption: true };

  test.each(["pop-get", "pop-post"] as const)(
    "are made, changed, read at every version, listed and deleted through %s",
    async (client) => {
      const oos = (action: string, parameters: Json): Promise<Json> =>
        oosCall(api.target, named(action), parameters, client);
      const Name = `app/${kind}${client}`;
      const Constraints = JSON.stringify({ MinLength: 2, MaxLength: 9, AllowedPattern: "^v" });
      const asked = {
        RegionId: "cn-hangzhou",
        Name,
        Type: type,
        Value: "v1",
        Description: "d",
        Constraints,
        ResourceGroupId: "rg-lab",
        Tags: '{"a":"b"}',
      };
      const { Parameter: made } = await oos("CreateParameter", asked);
      const told = {
        Id: expect.stringMatching(/^p-[0-9a-z]{20}$/) as string,
        Name,
        Type: type,
        Description: "d",
        Constraints,
        ShareType: "Private",
        ResourceGroupId: "rg-lab",
        ParameterVersion: 1,
        CreatedBy: `root(${api.context.config.accountId})`,
        CreatedDate: time,
        UpdatedBy: `root(${api.context.config.accountId})`,
        UpdatedDate: time,
        Tags: { a: "b" },
        ...(kind === "Secret" && { KeyId: "" }),
      };
      expect(made).toEqual(told);
      expect(await codeOf(named("CreateParameter"), asked)).toBe("EntityAlreadyExists.Parameter");
      const { Parameter: changed } = await oos("UpdateParameter", { Name, Value: "v2", Tags: "{}" });
      expect(changed).toEqual({ ...told, ParameterVersion: 2, Tags: {} });
      expect((await oos("UpdateParameter", { Name, Description: "e" }))["Parameter"]).toMatchObject({
        ParameterVersion: 2,
        Description: "e",
      });
      expect((await oos("GetParameter", { Name, ...shown }))["Parameter"]).toMatchObject({
        Value: "v2",
        ParameterVersion: 2,
      });
      expect((await oos("GetParameter", { Name, ParameterVersion: 1, ...shown }))["Parameter"]).toMatchObject({
        Value: "v1",
        ParameterVersion: 1,
      });
      expect(await codeOf(named("GetParameter"), { Name, ParameterVersion: 3 })).toBe("EntityNotExists.Parameter");
      expect(await codeOf(named("UpdateParameter"), { Name, Value: "x2" })).toBe("InvalidParameter");
      const listed = await oos("ListParameters", { Path: "/app", Name: client });
      expect(listed).toMatchObject({ TotalCount: 0 });
      expect(await oos("ListParameters", { Path: "app", Name: client })).toMatchObject({
        TotalCount: 1,
        MaxResults: 50,
        NextToken: "",
        Parameters: [{ Name }],
      });
      await oos("DeleteParameter", { Name });
      for (const action of ["GetParameter", "UpdateParameter", "DeleteParameter"])
        expect(await codeOf(named(action), { Name })).toBe("EntityNotExists.Parameter");
    },
  );

  test("a ClientToken makes one, however many ask at once", async () => {
    const asked = { Name: `once${kind}`, Type: type, Value: "v", ClientToken: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 5 }, () => call(named("CreateParameter"), asked)));
    expect(new Set(answers.map(({ Parameter }) => Parameter.Id as string)).size).toBe(1);
    expect(await codeOf(named("CreateParameter"), { ...asked, Value: "w" })).toBe("IdempotentParameterMismatch");
  });

  test("lists are sorted, filtered and paged by tokens of their own", async () => {
    const names = Array.from({ length: 25 }, (_, index) => `list/${String(index).padStart(2, "0")}`);
    for (const Name of names) await call(named("CreateParameter"), { Name, Type: type, Value: "v" });
    await call(named("CreateParameter"), { Name: "list/deep/x", Type: type, Value: "v" });
    for (const order of [
      { SortField: "Name", SortOrder: "Ascending" },
      { SortField: "CreatedDate", SortOrder: "Descending" },
    ]) {
      const question = { Path: "list/", MaxResults: 10, ...order };
      const listed: string[] = [];
      for (let NextToken = "first"; NextToken !== "";) {
        const page = await call(named("ListParameters"), NextToken === "first" ? question : { ...question, NextToken });
        expect(page["TotalCount"]).toBe(25);
        listed.push(...(page["Parameters"] as Json[]).map(({ Name }) => String(Name)));
        NextToken = String(page["NextToken"]);
      }
      expect(listed).toEqual(order.SortOrder === "Ascending" ? names : names.toReversed());
    }
    const { NextToken } = await call(named("ListParameters"), { MaxResults: 10 });
    expect(
      await codeOf(named("ListParameters"), { MaxResults: 10, Path: "list/", NextToken: NextToken as string }),
    ).toBe("InvalidParameter.NextToken");
    expect(await call(named("ListParameters"), { Path: "list/", Recursive: true, Name: "deep" })).toMatchObject({
      TotalCount: 1,
    });
  });
});

test("GetParameters tells what is there and what is not", async () => {
  await call("CreateParameter", { Name: "there", Type: "StringList", Value: "a,b" });
  const answer = await call("GetParameters", { Names: JSON.stringify(["there", "nowhere"]) });
  expect(answer).toMatchObject({
    Parameters: [{ Name: "there", Type: "StringList", Value: "a,b" }],
    InvalidParameters: ["nowhere"],
  });
});

test("a secret's value is told only to whoever asks for it, and a plain parameter of the same name is another one", async () => {
  await call("CreateSecretParameter", { Name: "same", Value: "hush" });
  await call("CreateParameter", { Name: "same", Type: "String", Value: "loud" });
  expect((await call("GetSecretParameter", { Name: "same" }))["Parameter"]).toMatchObject({
    Value: "",
    Type: "Secret",
  });
  expect((await call("GetParameter", { Name: "same" }))["Parameter"]).toMatchObject({ Value: "loud" });
  expect(JSON.stringify(await call("ListSecretParameters", {}))).not.toContain("hush");
});

test.each<[string, Json, string]>([
  ["CreateParameter", { Name: undefined }, "MissingParameter"],
  ["CreateParameter", { Name: "ALIYUN-x" }, "InvalidParameter"],
  ["CreateParameter", { Name: "a b" }, "InvalidParameter"],
  ["CreateParameter", { Name: "n".repeat(181) }, "InvalidParameter"],
  ["CreateParameter", { Value: undefined }, "MissingParameter"],
  ["CreateParameter", { Value: "v".repeat(4097) }, "InvalidParameter"],
  ["CreateParameter", { Type: "Secret" }, "InvalidParameter"],
  ["CreateParameter", { Description: "d".repeat(201) }, "InvalidParameter"],
  ["CreateParameter", { Constraints: "no json" }, "InvalidParameter"],
  ["CreateParameter", { Constraints: '{"AllowedValues":["w"]}' }, "InvalidParameter"],
  ["CreateParameter", { Constraints: '{"AllowedPattern":"("}' }, "InvalidParameter"],
  ["CreateParameter", { Constraints: '{"AllowedPattern":"^(a+)+$"}', Value: `${"a".repeat(60)}!` }, "InvalidParameter"],
  ["CreateParameter", { Tags: '{"a":1}' }, "InvalidParameter"],
  ["CreateParameter", { ResourceGroupId: "rg-none" }, "InvalidResourceGroup.NotFound"],
  ["CreateParameter", { RegionId: "mars" }, "InvalidRegionId.NotFound"],
  ["GetParameters", { Names: "x" }, "InvalidParameter"],
  ["GetParameters", {}, "MissingParameter"],
  ["ListParameters", { MaxResults: 101 }, "InvalidParameter"],
  ["GetParameter", { Name: "nobody" }, "EntityNotExists.Parameter"],
])("%s %j → %s", async (action, parameters, expected) => {
  const ready = action === "CreateParameter" ? { Name: randomUUID(), Type: "String", Value: "v" } : {};
  const given = Object.entries({ ...ready, ...parameters }).filter(([, value]) => value !== undefined);
  expect(await codeOf(action, Object.fromEntries(given))).toBe(expected);
});

test("the version of OOS serves its actions alone, and that of ECS serves none of them", async () => {
  expect(await codeOf("RunCommand", {})).toBe("InvalidAction.NotFound");
  const error = await sdkCall("pop-post", api.target, "GetParameter", { Name: "x" }).catch((thrown: Json) => thrown);
  expect(error["code"]).toBe("InvalidAction.NotFound");
});

test("a Windows user's password is looked up when the command is given", async () => {
  const host = { ...(await api.addInstance()).host, osType: "windows" as const };
  const { instanceId } = await api.addInstance({ host });
  const run = {
    RegionId: "cn-hangzhou",
    Type: "RunPowerShellScript",
    CommandContent: "echo",
    InstanceId: [instanceId],
    Username: "lab",
  };
  const runAs = (WindowsPasswordName: string) =>
    sdkCall("pop-post", api.target, "RunCommand", { ...run, WindowsPasswordName });
  await expect(runAs("win/nobody")).rejects.toMatchObject({ code: "ParameterStore.InvalidParameters" });
  await call("CreateSecretParameter", { Name: "win/lab", Value: "hush-hush" });
  const { InvokeId } = await runAs("win/lab");
  const invocation = await api.context.store.invocations.find(String(InvokeId));
  expect(JSON.parse(invocation?.sealedValues ?? "{}")).toMatchObject({
    seals: { [instanceId]: expect.any(String) as string },
  });
});

test("where it is turned off, parameters and references are refused", async () => {
  const off = await openApi({ parameterStore: "false" });
  try {
    const { instanceId } = await off.addInstance();
    const run = {
      RegionId: "cn-hangzhou",
      Type: "RunShellScript",
      InstanceId: [instanceId],
      EnableParameter: true,
      CommandContent: "{{oos:x}}",
    };
    const refused = { code: "ParameterStore.NotSupported" };
    await expect(sdkCall("pop-post", off.target, "RunCommand", run)).rejects.toMatchObject(refused);
    await expect(oosCall(off.target, "GetParameter", { Name: "x" })).rejects.toMatchObject(refused);
  } finally {
    await off.close();
  }
});
