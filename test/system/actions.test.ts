import { randomUUID } from "node:crypto";
import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { SDK_CLIENTS, sdkCall } from "../support/sdk.ts";

type Json = Record<string, unknown>;
const REGION = { RegionId: "cn-hangzhou" };
const SCRIPT = { ...REGION, Type: "RunShellScript", CommandContent: "echo 1" };
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const time = expect.stringMatching(TIME) as string;

let api: OpenApi;
let host: Instance;
let other: Instance;

beforeAll(async () => {
  api = await openApi();
  host = await api.addInstance();
  other = await api.addInstance();
});
afterAll(() => api.close());

const call = (action: string, parameters: Json): Promise<Json> => sdkCall("pop-post", api.target, action, parameters);
const run = async (parameters: Json = {}): Promise<{ invokeId: string; instanceId: string }> => {
  const answer = await call("RunCommand", { ...SCRIPT, InstanceId: [host.instanceId], ...parameters });
  return { invokeId: String(answer["InvokeId"]), instanceId: host.instanceId };
};
const refusal = (action: string, parameters: Json): Promise<unknown> =>
  call(action, parameters).then(
    () => "none",
    (error: { code: string }) => error.code,
  );
const resultOf = async (parameters: Json): Promise<Json> => {
  const { Invocation } = (await call("DescribeInvocationResults", { ...REGION, ...parameters })) as {
    Invocation: { InvocationResults: { InvocationResult: Json[] } };
  };
  return Invocation.InvocationResults.InvocationResult[0] ?? {};
};

describe("RunCommand", () => {
  test("answers ids only; the offline host's run waits", async () => {
    const answer = await call("RunCommand", { ...SCRIPT, InstanceId: [host.instanceId] });
    expect(answer).toEqual({
      RequestId: expect.any(String) as string,
      CommandId: expect.stringMatching(/^c-/) as string,
      InvokeId: expect.stringMatching(/^t-/) as string,
    });
    expect(await resultOf({ InvokeId: answer["InvokeId"] })).toMatchObject({
      InvocationStatus: "Pending",
      InvokeRecordStatus: "Running",
      Repeats: 0,
    });
  });

  test("a ClientToken gets the same answer again, before anything else is looked at, and not for other parameters", async () => {
    const ClientToken = randomUUID();
    const asked = { ...SCRIPT, InstanceId: [host.instanceId], ClientToken };
    const { RequestId, ...first } = await call("RunCommand", asked);
    expect(await call("RunCommand", asked)).toEqual({
      ...first,
      RequestId: expect.not.stringMatching(String(RequestId)) as string,
    });
    expect(await sdkCall("v3", api.target, "RunCommand", asked)).toMatchObject(first);
    expect(await refusal("RunCommand", { ...asked, Timeout: 61 })).toBe("IdempotentParameterMismatch");
    const runs = await api.context.store.runs.listOf(String(first["InvokeId"]));
    expect(runs).toHaveLength(1);
  });

  test("the same ClientToken at the same time makes one invocation", async () => {
    const asked = { ...SCRIPT, InstanceId: [host.instanceId], ClientToken: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 8 }, () => call("RunCommand", asked)));
    expect(new Set(answers.map((answer) => answer["InvokeId"])).size).toBe(1);
  });

  test.each<[string, Json]>([
    ["MissingParam.InstanceId", { InstanceId: [] }],
    ["InvalidInstance.NotFound", { InstanceId: ["mi-nobody"] }],
    ["InvalidInstance.NotMatch", { Type: "RunBatScript" }],
    ["InvalidInstance.NotMatch", { Type: "RunPowerShellScript" }],
    ["InvalidRegionId.NotFound", { RegionId: "cn-mars", Type: "x" }],
    ["InstanceIds.ExceedLimit", { InstanceId: Array.from({ length: 101 }, (_, index) => `mi-${index}`) }],
    ["CmdContent.DecodeError", { ContentEncoding: "Base64", CommandContent: "%" }],
    ["Parameter.Disabled", { Parameters: '{"a":"1"}' }],
    ["InvalidParameter.Parameters", { Parameters: { a: "1" } }],
    ["MissingParam.Frequency", { RepeatMode: "Period" }],
    ["InvalidResourceTag.ConflictWithInstanceIds", { ResourceTag: [{ Key: "a" }] }],
    ["InvalidParameter", { OssOutputDelivery: "oss://nowhere-is-configured" }],
  ])("%s", async (code, changes) => {
    expect(await refusal("RunCommand", { ...SCRIPT, InstanceId: [host.instanceId], ...changes })).toBe(code);
  });
});

describe("what was run is told as documented", () => {
  const tags = [
    { Key: "env", Value: "lab" },
    { Key: "empty", Value: "" },
  ];

  test.each(SDK_CLIENTS)("DescribeInvocations and DescribeInvocationResults through %s", async (client) => {
    const { invokeId } = await run({
      Name: "named",
      Description: "what for",
      EnableParameter: true,
      CommandContent: "echo {{who}}",
      Parameters: '{"who":"me"}',
      Tag: tags,
      Timeout: 90,
      TerminationMode: "ProcessTree",
    });
    await api.play({ invokeId, instanceId: host.instanceId }, Buffer.from("né\u0000"), 3);
    const answer = await sdkCall(client, api.target, "DescribeInvocations", {
      ...REGION,
      InvokeId: invokeId,
      IncludeOutput: true,
    });
    expect(answer).toMatchObject({ PageNumber: 1, PageSize: 10, TotalCount: 1, NextToken: "" });
    expect(answer["Invocations"]).toMatchObject({
      Invocation: [
        {
          InvokeId: invokeId,
          CommandName: "named",
          CommandDescription: "what for",
          CommandType: "RunShellScript",
          CommandContent: Buffer.from("echo {{who}}").toString("base64"),
          Parameters: '{"who":"me"}',
          RepeatMode: "Once",
          Frequency: "",
          Timed: false,
          Timeout: 90,
          TerminationMode: "ProcessTree",
          Username: "root",
          WorkingDir: "/root",
          CreationTime: time,
          InvocationStatus: "Failed",
          InvokeStatus: "Finished",
          Tags: {
            Tag: [
              { TagKey: "env", TagValue: "lab" },
              { TagKey: "empty", TagValue: "" },
            ],
          },
          InvokeInstances: {
            InvokeInstance: [
              {
                InstanceId: host.instanceId,
                InvocationStatus: "Failed",
                InstanceInvokeStatus: "Finished",
                ExitCode: 3,
                ErrorCode: "ExitCodeNonzero",
                ErrorInfo: "the command execution exit code is not zero",
                Output: Buffer.from("né\u0000").toString("base64"),
                Dropped: 0,
                Repeats: 1,
                Timed: false,
                CreationTime: time,
                StartTime: time,
                FinishTime: time,
                StopTime: "",
                UpdateTime: time,
              },
            ],
          },
        },
      ],
    });
    const results = await sdkCall(client, api.target, "DescribeInvocationResults", {
      ...REGION,
      InvokeId: invokeId,
      ContentEncoding: "PlainText",
    });
    expect(results["Invocation"]).toMatchObject({
      PageNumber: 1,
      PageSize: 10,
      TotalCount: 1,
      NextToken: "",
      InvocationResults: {
        InvocationResult: [
          {
            InvokeId: invokeId,
            InstanceId: host.instanceId,
            InvocationStatus: "Failed",
            InvokeRecordStatus: "Finished",
            ExitCode: 3,
            Output: "né\u0000",
            Dropped: 0,
            Repeats: 1,
            StartTime: time,
            FinishedTime: time,
            StopTime: "",
            Username: "root",
            TerminationMode: "ProcessTree",
            Tags: {
              Tag: [
                { TagKey: "env", TagValue: "lab" },
                { TagKey: "empty", TagValue: "" },
              ],
            },
          },
        ],
      },
    });
    expect(Object.keys(results)).toEqual(expect.arrayContaining(["Invocation", "RequestId"]));
    expect(results).not.toHaveProperty("TotalCount");
  });

  test.each([0, 1, 24 * 1024, 24 * 1024 + 1, 5_000_000])("%i bytes of output: head, tail and Dropped", async (size) => {
    const printed = Buffer.alloc(size, "0123456789");
    const ran = await run();
    await api.play(ran, printed);
    const { Output, Dropped } = await resultOf({ InvokeId: ran.invokeId });
    const shown =
      size <= 24 * 1024 ? printed : Buffer.concat([printed.subarray(0, 6000), printed.subarray(size - 18_576)]);
    expect([Buffer.from(String(Output), "base64").equals(shown), Dropped]).toEqual([true, size - shown.length]);
  });

  test("content that is no text comes back by its bytes; without IncludeOutput there is none", async () => {
    const bytes = Buffer.from([0, 0xff, 0xc3, 10]);
    const { invokeId, instanceId } = await run({ ContentEncoding: "Base64", CommandContent: bytes.toString("base64") });
    await api.play({ invokeId, instanceId }, Buffer.from("x"));
    const { Invocations } = (await call("DescribeInvocations", { ...REGION, InvokeId: invokeId })) as {
      Invocations: { Invocation: Json[] };
    };
    expect(Invocations.Invocation[0]).toMatchObject({
      CommandContent: bytes.toString("base64"),
      InvokeInstances: { InvokeInstance: [{ Output: "" }] },
    });
  });

  test("nothing found is an empty list, not an error and not absent", async () => {
    expect(await call("DescribeInvocations", { ...REGION, InvokeId: "t-none" })).toMatchObject({
      TotalCount: 0,
      Invocations: { Invocation: [] },
    });
    expect(await call("DescribeInvocationResults", { ...REGION, InvokeRecordStatus: "PartialFailed" })).toMatchObject({
      Invocation: { TotalCount: 0, InvocationResults: { InvocationResult: [] } },
    });
  });

  test("filters by tag, name, status and instance", async () => {
    const { invokeId, instanceId } = await run({ Name: "findme", Tag: [{ Key: "only", Value: "this" }] });
    await api.play({ invokeId, instanceId }, Buffer.from(""));
    for (const filter of [
      { CommandName: "findme" },
      { Tag: [{ Key: "only", Value: "this" }] },
      { CommandName: "findme", InvokeStatus: "Finished" },
    ]) {
      expect(await call("DescribeInvocations", { ...REGION, ...filter })).toMatchObject({
        TotalCount: 1,
        Invocations: { Invocation: [{ InvokeId: invokeId }] },
      });
    }
    expect(
      await call("DescribeInvocations", { ...REGION, CommandName: "findme", InvokeStatus: "Running" }),
    ).toMatchObject({ TotalCount: 0 });
    expect(
      await call("DescribeInvocations", { ...REGION, InstanceId: other.instanceId, CommandName: "findme" }),
    ).toMatchObject({ TotalCount: 0 });
    expect(await resultOf({ InvokeId: invokeId, InvokeRecordStatus: "Success" })).toMatchObject({ InvokeId: invokeId });
    expect(await resultOf({ InvokeId: invokeId, InvokeRecordStatus: "Failed" })).toEqual({});
  });
});

const ids = ({ Invocations }: Json) =>
  (Invocations as { Invocation: Json[] }).Invocation.map((invocation) => invocation["InvokeId"]);

describe("paging", () => {
  test("both schemes walk the same list, newest first; a token is good for its own question only", async () => {
    const made: string[] = [];
    for (let index = 0; index < 5; index++) made.unshift((await run({ Name: "paged" })).invokeId);
    const filter = { ...REGION, CommandName: "paged" };
    const byNumber = [];
    for (const PageNumber of [1, 2, 3, 4])
      byNumber.push(...ids(await call("DescribeInvocations", { ...filter, PageNumber, PageSize: 2 })));
    expect(byNumber).toEqual(made);

    const byToken = [];
    let NextToken: unknown;
    do {
      const page = await call("DescribeInvocations", {
        ...filter,
        MaxResults: 2,
        ...(NextToken ? { NextToken } : {}),
        PageNumber: 9,
      });
      byToken.push(...ids(page));
      NextToken = page["NextToken"];
    } while (NextToken !== "" && byToken.length < 10);
    expect(byToken).toEqual(made);

    const { NextToken: token } = await call("DescribeInvocations", { ...filter, MaxResults: 2 });
    expect(ids(await call("DescribeInvocations", { ...filter, MaxResults: 1, NextToken: token }))).toEqual([made[2]]);
    for (const wrong of [
      { NextToken: token, CommandName: "another" },
      { NextToken: "AAAA" },
      { NextToken: `${String(token)}A` },
    ]) {
      expect(await refusal("DescribeInvocations", { ...filter, ...wrong })).toBe("InvalidParameter.NextToken");
    }
    expect(await refusal("DescribeInvocationResults", { ...REGION, NextToken: token })).toBe(
      "InvalidParameter.NextToken",
    );
  });
});

describe("StopInvocation", () => {
  test("cancels what waits, and is fine with what has ended", async () => {
    const { invokeId } = await run({ InstanceId: [host.instanceId, other.instanceId] });
    expect(
      Object.keys(await call("StopInvocation", { ...REGION, InvokeId: invokeId, InstanceId: [other.instanceId] })),
    ).toEqual(["RequestId"]);
    expect(await resultOf({ InvokeId: invokeId, InstanceId: other.instanceId })).toMatchObject({
      InvocationStatus: "Cancelled",
      StopTime: time,
    });
    expect(await resultOf({ InvokeId: invokeId, InstanceId: host.instanceId })).toMatchObject({
      InvocationStatus: "Pending",
      StopTime: "",
    });
    await call("StopInvocation", { ...REGION, InvokeId: invokeId });
    await call("StopInvocation", { ...REGION, InvokeId: invokeId });
    expect(await call("DescribeInvocations", { ...REGION, InvokeId: invokeId })).toMatchObject({
      Invocations: { Invocation: [{ InvocationStatus: "Stopped", InvokeStatus: "Stopped" }] },
    });
  });

  test("what it does not know", async () => {
    const { invokeId } = await run();
    expect(await refusal("StopInvocation", { ...REGION, InvokeId: "t-none" })).toBe("InvalidInvokeId.NotFound");
    expect(await refusal("StopInvocation", { ...REGION, InvokeId: invokeId, InstanceId: [other.instanceId] })).toBe(
      "InvalidInstanceId.NotFound",
    );
  });
});

test("nothing a caller gives away reaches the log, whether it is taken, refused or breaks something", async () => {
  const canary = `canary-${randomUUID()}`;
  const { invokeId, instanceId } = await run({ CommandContent: canary, EnableParameter: false, Name: canary });
  await api.play({ invokeId, instanceId }, Buffer.from(canary));
  for (const action of [
    "RunCommand",
    "StopInvocation",
    "DescribeInvocations",
    "DescribeInvocationResults",
    "DescribeInstances",
  ]) {
    await refusal(action, {
      ...SCRIPT,
      InstanceId: canary,
      InvokeId: canary,
      NextToken: canary,
      CommandContent: canary,
      Parameters: canary,
    });
  }
  const { store } = api.context;
  const { create } = store.invocations;
  Object.assign(store.invocations, { create: () => Promise.reject(new Error("the disk is full")) }); // as it may be
  expect(await refusal("RunCommand", { ...SCRIPT, InstanceId: [host.instanceId], CommandContent: canary })).toBe(
    "InternalError",
  );
  Object.assign(store.invocations, { create });
  const log = api.logged.join("");
  expect(log).toContain("the disk is full");
  for (const secret of [canary, api.target.accessKeySecret, Buffer.from(canary).toString("base64")])
    expect(log).not.toContain(secret);
});
