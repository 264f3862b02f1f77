import type { TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectFakeAgent, registerFakeAgent, type FakeAgent } from "../support/fake-agent.ts";
import { sdkCall } from "../support/sdk.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { waitFor } from "../support/wait-for.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

/** A control plane, one host that takes orders and says nothing more, and hosts that are not there. */
let server: TestServer;
let agent: FakeAgent;
let online: string;
let offline: string;
const tag = { key: "batch", value: "b1" };

beforeAll(async () => {
  server = await startTestServer({
    settings: { outputDeliveryTargets: "oss://logs/runs,oss://whole", outputDeliveryStore: "/var/lib/results" },
  });
  const activated = await server.activate();
  const identity = await registerFakeAgent(server.endpoint, activated, { name: "online", tags: [tag] });
  agent = await connectFakeAgent(server.endpoint, identity, () => undefined);
  online = identity.instanceId;
  offline = (
    await registerFakeAgent(server.endpoint, activated, { name: "offline", tags: [tag, { key: "role", value: "db" }] })
  ).instanceId;
});
afterAll(async () => {
  await agent.cut();
  await server.close();
});

const call = (action: string, parameters: Json): Promise<Json> =>
  sdkCall("pop-post", server.target, action, { RegionId: "cn-hangzhou", ...parameters });
const run = (parameters: Json): Promise<Json> =>
  call("RunCommand", { Type: "RunShellScript", CommandContent: "echo {{who}}", InstanceId: [online], ...parameters });
const refusal = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => "none",
    (error: { code: string }) => error.code,
  );
const invocationOf = async (InvokeId: string): Promise<Json> =>
  (await call("DescribeInvocations", { InvokeId }))["Invocations"].Invocation[0] as Json;
const instancesOf = async (InvokeId: string): Promise<Json[]> =>
  (await invocationOf(InvokeId))["InvokeInstances"].InvokeInstance as Json[];
const ordersOf = (InvokeId: string): TaskOrder[] =>
  agent.orders.flatMap(({ order }) => (order.type === "task" && order.invokeId === InvokeId ? [order] : []));
const orderOf = (InvokeId: string): Promise<TaskOrder> => waitFor(() => ordersOf(InvokeId).at(-1));

describe("what a run runs with is in the signed order, and is told again", () => {
  const id = `containerd://${"0a".repeat(32)}`;
  test.each<[Json, Json, Json]>([
    [
      { Launcher: 'python3 -u {{ACS::ScriptFileName|Ext(".py")}}' },
      { launcher: 'python3 -u {{ACS::ScriptFileName|Ext(".py")}}' },
      {},
    ],
    [{ ContainerId: id, ContainerName: "web.1" }, { container: { id, name: "web.1" } }, {}],
    [{ ContainerName: "web.1" }, { container: { name: "web.1" } }, { ContainerId: "" }],
    [
      { Frequency: "0 0 3 ? * * Asia/Shanghai" },
      { schedule: { repeatMode: "Period", frequency: "0 0 3 ? * * Asia/Shanghai", revision: 0 } },
      { RepeatMode: "Period", Timed: true },
    ],
    [
      { RepeatMode: "EveryReboot" },
      { schedule: { repeatMode: "EveryReboot", revision: 0 } },
      { Frequency: "", Timed: true },
    ],
    [{ RepeatMode: "NextRebootOnly" }, { schedule: { repeatMode: "NextRebootOnly", revision: 0 } }, { Timed: true }],
    [
      { Username: "app", WindowsPasswordName: "secret-name" },
      { username: "app", windowsPasswordName: "secret-name" },
      {},
    ],
    [{ OssOutputDelivery: "oss://logs/runs/today" }, {}, {}],
  ])("%j", async (parameters, order, more) => {
    const { InvokeId } = await run(parameters);
    expect(await orderOf(InvokeId)).toMatchObject(order);
    const { WindowsPasswordName: _secret, RepeatMode = "Once", Frequency = "", ...told } = parameters;
    expect(await invocationOf(InvokeId)).toMatchObject({ RepeatMode, Frequency, Timed: false, ...told, ...more });
    const { Invocation } = await call("DescribeInvocationResults", { InvokeId });
    expect(Invocation.InvocationResults.InvocationResult[0]).toMatchObject(told);
    await call("StopInvocation", { InvokeId });
  });

  test("an order without all this is as it always was", async () => {
    const { InvokeId } = await run({});
    const order = await orderOf(InvokeId);
    expect(Object.keys(order)).toEqual(
      "type invokeId iteration targets expiresMs commandType content enableParameter builtIn timeoutSeconds terminationMode".split(
        " ",
      ),
    );
  });
});

test("hosts are chosen by all of the tags", async () => {
  const ResourceTag = [{ Key: "batch", Value: "b1" }];
  const both = await run({ InstanceId: [], ResourceTag });
  expect((await instancesOf(both["InvokeId"])).map(({ InstanceId }) => InstanceId as string).toSorted()).toEqual(
    [online, offline].toSorted(),
  );
  const one = await run({ InstanceId: [], ResourceTag: [...ResourceTag, { Key: "role", Value: "db" }] });
  expect((await instancesOf(one["InvokeId"])).map(({ InstanceId }) => InstanceId as string)).toEqual([offline]);
  for (const [code, parameters] of [
    [
      "InvalidResourceTag.InstanceNotFound",
      { InstanceId: [], ResourceTag: [...ResourceTag, { Key: "role", Value: "web" }] },
    ],
    ["InvalidResourceTag.ConflictWithInstanceIds", { ResourceTag }],
    ["MissingParam.InstanceId", { InstanceId: [] }],
    [
      "NumberExceed.ResourceTags",
      { InstanceId: [], ResourceTag: Array.from({ length: 21 }, (_, n) => ({ Key: `k${n}` })) },
    ],
    ["InvalidInstance.NotMatch", { InstanceId: [], ResourceTag, Type: "RunBatScript" }],
  ] as const) {
    expect(await refusal(run(parameters))).toBe(code);
  }
});

test("a delivery of output that cannot be made is told as failed once the run is over", async () => {
  const { InvokeId } = await run({ OssOutputDelivery: "oss://whole/x", InstanceId: [offline], DeliveryTimeout: 600 });
  expect(await instancesOf(InvokeId)).toMatchObject([
    { OssOutputStatus: "InProgress", OssOutputUri: "", OssOutputErrorCode: "" },
  ]);
  await call("StopInvocation", { InvokeId });
  expect(await instancesOf(InvokeId)).toMatchObject([
    { OssOutputStatus: "Failed", OssOutputUri: "", OssOutputErrorCode: "NotSupported" },
  ]);
});

test.each<[string, Json]>([
  ["WindowsPasswordName.Missed", { Type: "RunPowerShellScript", Username: "app" }],
  ["InvalidInstance.NotMatch", { Type: "RunPowerShellScript", Username: "System" }],
  ["InvalidParameter", { OssOutputDelivery: "oss://logs/other" }],
  ["InvalidParameter", { OssOutputDelivery: "oss://logs/runs/../other" }],
  ["InvalidParameter", { OssOutputDelivery: "oss://logs/runsaway" }],
  ["InvalidParameter", { OssOutputDelivery: "file:///etc" }],
  ["none", { OssOutputDelivery: "oss://whole" }],
  ["InvalidParam.Frequency", { Frequency: "rate(59s)" }],
  ["InvalidParam.Frequency", { Frequency: "rate(5m)", Timeout: 300 }],
  ["InvalidParam.Frequency", { Frequency: "rate(5m)", Timeout: 300, RepeatMode: "DryRun" }],
  ["InvalidResourceGroup.NotFound", { ResourceGroupId: "rg-nobody" }],
  ["InvalidLauncher.LengthLimitExceeded", { Launcher: "é".repeat(513) }],
])("%s", async (code, parameters) => {
  expect(await refusal(run(parameters))).toBe(code);
});

test("a dry run checks all and makes nothing that runs; each host is over at once", async () => {
  const orders = agent.orders.length;
  const { InvokeId, CommandId } = await run({
    RepeatMode: "DryRun",
    KeepCommand: true,
    Frequency: "rate(5m)",
    InstanceId: [online, offline],
  });
  expect(CommandId).toMatch(/^c-/);
  expect((await call("DescribeCommands", { CommandId }))["TotalCount"]).toBe(0);
  expect(await invocationOf(InvokeId)).toMatchObject({
    RepeatMode: "DryRun",
    Frequency: "rate(5m)",
    Timed: false,
    InvocationStatus: "PartialFailed",
  });
  expect(
    (await instancesOf(InvokeId)).map(({ InvocationStatus, ErrorCode, Repeats, Timed }) => [
      InvocationStatus,
      ErrorCode,
      Repeats,
      Timed,
    ]),
  ).toEqual([
    ["Success", "", 0, false],
    ["Aborted", "ClientNotOnline", 0, false],
  ]);
  await call("StopInvocation", { InvokeId });
  const next = await run({});
  await orderOf(next["InvokeId"]);
  expect(agent.orders.slice(orders).map(({ order }) => order.invokeId)).toEqual([next["InvokeId"]]);
});

test("Timed finds what will run by itself, and not what was stopped", async () => {
  const CommandName = "timed or not";
  const named = { Name: CommandName, InstanceId: [offline], DeliveryTimeout: 600 };
  const ids = {
    once: await run(named),
    open: await run({ ...named, Frequency: "rate(5m)" }),
    stopped: await run({ ...named, RepeatMode: "EveryReboot" }),
  };
  await call("StopInvocation", { InvokeId: ids.stopped["InvokeId"] });
  const found = async (parameters: Json): Promise<string[]> =>
    ((await call("DescribeInvocations", { CommandName, ...parameters }))["Invocations"].Invocation as Json[]).map(
      ({ InvokeId }) => InvokeId as string,
    );
  expect(await found({ Timed: true })).toEqual([ids.open["InvokeId"]]);
  expect(await found({ Timed: false })).toEqual([ids.stopped["InvokeId"], ids.once["InvokeId"]]);
  expect(await found({})).toHaveLength(3);
  expect(await invocationOf(ids.stopped["InvokeId"])).toMatchObject({
    InvocationStatus: "Stopped",
    InvokeStatus: "Stopped",
    Timed: false,
  });
});

describe("StopInvocation", () => {
  test.each(["Once", "Period", "NextRebootOnly", "EveryReboot"])(
    "of %s: what waits is cancelled, what was sent is stopped by its host",
    async (RepeatMode) => {
      const Frequency = RepeatMode === "Period" ? { Frequency: "rate(5m)" } : {};
      const { InvokeId } = await run({ RepeatMode, ...Frequency, InstanceId: [online, offline] });
      await orderOf(InvokeId);
      await waitFor(() => agent.held.has(`${InvokeId}.1`));
      await call("StopInvocation", { InvokeId });
      const statuses = await waitFor(async () => {
        const found = (await instancesOf(InvokeId)).map(({ InvocationStatus }) => InvocationStatus as string);
        return found.includes("Stopping") ? undefined : found;
      });
      expect(statuses).toEqual(["Terminated", "Cancelled"]);
      expect(await invocationOf(InvokeId)).toMatchObject({
        InvocationStatus: "Stopped",
        InvokeStatus: "Stopped",
        Timed: false,
      });
      const stop = agent.orders.findLast(({ order }) => order.type === "stop" && order.invokeId === InvokeId)?.order;
      const afterDays = ((stop?.expiresMs ?? 0) - Date.now()) / 86_400_000;
      expect(afterDays > 365_000).toBe(RepeatMode !== "Once"); // a schedule is open until it is stopped, so its stop never expires
      await call("StopInvocation", { InvokeId });
    },
  );
});

describe("ModifyInvocationAttribute", () => {
  const scheduled = async (parameters: Json = {}): Promise<{ InvokeId: string; CommandId: string }> => {
    const answer = await run({
      Frequency: "rate(5m)",
      EnableParameter: true,
      Parameters: '{"who":"me"}',
      DeliveryTimeout: 600,
      ...parameters,
    });
    return { InvokeId: answer["InvokeId"] as string, CommandId: answer["CommandId"] as string };
  };

  test("changes content, parameters and schedule, adds hosts, and sends the order again with a higher revision", async () => {
    const { InvokeId, CommandId } = await scheduled();
    await orderOf(InvokeId);
    const answer = await sdkCall("v3", server.target, "ModifyInvocationAttribute", {
      RegionId: "cn-hangzhou",
      InvokeId,
      CommandContent: "echo {{whom}}",
      Parameters: { whom: "you" },
      Frequency: "rate(10m)",
      InstanceId: [online, offline],
    });
    expect(answer).toEqual({
      RequestId: expect.any(String) as string,
      CommandId: expect.not.stringMatching(CommandId) as string,
    });
    expect(await invocationOf(InvokeId)).toMatchObject({
      CommandId: answer["CommandId"],
      CommandContent: Buffer.from("echo {{whom}}").toString("base64"),
      Parameters: '{"whom":"you"}',
      Frequency: "rate(10m)",
      InvocationStatus: "Pending",
    });
    expect((await instancesOf(InvokeId)).map(({ InstanceId }) => InstanceId as string)).toEqual([online, offline]);
    const order = await waitFor(() => ordersOf(InvokeId).find(({ schedule }) => schedule?.revision === 1));
    expect(order).toMatchObject({
      content: Buffer.from("echo you").toString("base64"),
      schedule: { frequency: "rate(10m)" },
      targets: [online, offline].toSorted(),
    });
    // a change of the schedule alone is no other command
    expect(await call("ModifyInvocationAttribute", { InvokeId, Frequency: "rate(20m)" })).toMatchObject({
      CommandId: answer["CommandId"],
    });
    await call("StopInvocation", { InvokeId });
  });

  test("the new command is kept if the one before was", async () => {
    const { InvokeId, CommandId } = await scheduled({ KeepCommand: true });
    const changed = await call("ModifyInvocationAttribute", { InvokeId, CommandContent: "echo other {{who}}" });
    const { Commands } = await call("DescribeCommands", {
      CommandId: changed["CommandId"],
      ContentEncoding: "PlainText",
    });
    expect(Commands.Command).toMatchObject([{ CommandContent: "echo other {{who}}", InvokeTimes: 1 }]);
    expect((await call("DescribeCommands", { CommandId }))["TotalCount"]).toBe(1);
    await call("StopInvocation", { InvokeId });
  });

  test("the same ClientToken gets the same answer", async () => {
    const { InvokeId } = await scheduled();
    const asked = { InvokeId, CommandContent: "echo again {{who}}", ClientToken: InvokeId };
    const { RequestId: _request, ...first } = await call("ModifyInvocationAttribute", asked);
    expect(await call("ModifyInvocationAttribute", asked)).toMatchObject(first);
    expect(await refusal(call("ModifyInvocationAttribute", { ...asked, Frequency: "rate(7m)" }))).toBe(
      "IdempotentParameterMismatch",
    );
    await call("StopInvocation", { InvokeId });
  });

  test.each<[string, number, Json]>([
    ["InvalidInvokeId.NotFound", 404, { InvokeId: "t-nobody" }],
    ["InvalidParameter.Frequency", 400, { Frequency: "rate(1s)" }],
    ["InvalidParameters.KeyDuplicate", 400, { Parameters: '{"who":"1","who":"2"}' }],
    ["InvalidParameters.KeyNotMatch", 400, { Parameters: '{"other":"1"}' }],
    ["InvalidParameters.KeyNotMatch", 400, { CommandContent: "echo {{other}}" }],
    ["InvalidParameters.KeyMalformed", 400, { Parameters: '{"a b":"1"}' }],
    ["InvalidParameters.KeyEmpty", 400, { Parameters: '{"":"1"}' }],
    [
      "InvalidParameters.CountLimitExceeded",
      403,
      { Parameters: JSON.stringify(Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`k${n}`, ""]))) },
    ],
    ["InvalidParameters.KeyLengthLimitExceeded", 403, { Parameters: JSON.stringify({ ["k".repeat(65)]: "" }) }],
    ["InvalidParameters.ValueTypeUnsupported", 403, { Parameters: '{"who":1}' }],
    ["InvalidCommandContent.DecodeError", 400, { CommandContent: "%", ContentEncoding: "Base64" }],
    ["InvalidCommandContent.LengthLimitExceeded", 403, { CommandContent: "x".repeat(18_433), Parameters: "{}" }],
    ["InvalidInstanceId.NotFound", 404, { InstanceId: ["mi-nobody"] }],
    ["InvalidInstanceId.CountLimitExceeded", 403, { InstanceId: Array.from({ length: 101 }, (_, n) => `mi-${n}`) }],
    ["InvalidRegionId.NotFound", 404, { RegionId: "cn-mars" }],
  ])("%s is %i", async (code, status, changes) => {
    const { InvokeId } = await scheduled({ InstanceId: [offline] });
    const refused = await call("ModifyInvocationAttribute", { InvokeId, ...changes }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code, entry: { response: { statusCode: status } } });
    await call("StopInvocation", { InvokeId });
  });

  test("is for schedules that are not over", async () => {
    const once = await run({ InstanceId: [offline] });
    expect(
      await refusal(call("ModifyInvocationAttribute", { InvokeId: once["InvokeId"], Frequency: "rate(5m)" })),
    ).toBe("InvalidOperation.RepeatModeUnsupported");
    const reboot = await run({ InstanceId: [offline], RepeatMode: "EveryReboot" });
    expect(
      await refusal(call("ModifyInvocationAttribute", { InvokeId: reboot["InvokeId"], Frequency: "rate(5m)" })),
    ).toBe("InvalidOperation.RepeatModeUnsupported");
    await call("StopInvocation", { InvokeId: reboot["InvokeId"] });
    expect(
      await refusal(call("ModifyInvocationAttribute", { InvokeId: reboot["InvokeId"], InstanceId: [online] })),
    ).toBe("InvalidOperation.InvokeAlreadyFinished");
  });
});

test("a ClientToken gets the same answer after a restart, at every action that takes one here", async () => {
  const { CommandId } = await call("CreateCommand", { Name: "n", Type: "RunShellScript", CommandContent: "ZWNobyAx" });
  const scheduled = await run({ Frequency: "rate(5m)", InstanceId: [offline], DeliveryTimeout: 600 });
  const asked: [string, Json][] = [
    ["CreateCommand", { Name: "n", Type: "RunShellScript", CommandContent: "ZWNobyAx", ClientToken: "after" }],
    ["RunCommand", { Type: "RunShellScript", CommandContent: "echo", InstanceId: [offline], ClientToken: "after" }],
    ["InvokeCommand", { CommandId, InstanceId: [offline], ClientToken: "after" }],
    [
      "ModifyInvocationAttribute",
      { InvokeId: scheduled["InvokeId"], CommandContent: "echo other", ClientToken: "after" },
    ],
  ];
  const answers = async (): Promise<Json[]> => {
    const all: Json[] = [];
    for (const [action, parameters] of asked) {
      const { RequestId: _request, ...answer } = await call(action, parameters);
      all.push(answer);
    }
    return all;
  };
  const first = await answers();
  await server.restart();
  expect(await answers()).toEqual(first);
  for (const [action, parameters] of asked) {
    expect(await refusal(call(action, { ...parameters, Tag: [{ Key: "other" }] }))).toBe("IdempotentParameterMismatch");
  }
});
