import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, makeAccount, makeUser } from "../support/identity.ts";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { sdkCall, type Target } from "../support/sdk.ts";
import { callApi } from "../support/server.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

const REGION = { RegionId: "cn-hangzhou" };
const SCRIPT = { ...REGION, Type: "RunShellScript", CommandContent: "id" };

let api: OpenApi;
let host: Instance;
let other: Target;
let otherHost: Instance;
let otherUser: Target;
let ran: Json;

beforeAll(async () => {
  api = await openApi({ maxOpenActivations: 2 }); // of which its hosts take one
  host = await api.addInstance();
  const { accountId, target } = await makeAccount(api.target, "other");
  other = target;
  otherHost = await api.addInstance({ accountId });
  otherUser = await makeUser(other, "user", { system: ["AliyunECSFullAccess"] });
  ran = await call(api.target, "RunCommand", {
    ...SCRIPT,
    InstanceId: [host.instanceId],
    ClientToken: "same",
    Name: "mine",
  });
  await api.play({ invokeId: String(ran["InvokeId"]), instanceId: host.instanceId }, Buffer.from("secret output"));
});
afterAll(() => api.close());

const call = (target: Target, action: string, parameters: Record<string, unknown> = {}): Promise<Json> =>
  sdkCall("pop-post", target, action, { ...REGION, ...parameters });

test("instances of another account are not found: not listed, not named, not run on", async () => {
  for (const target of [other, otherUser]) {
    for (const [action, named, find] of [
      [
        "DescribeInstances",
        { InstanceIds: JSON.stringify([host.instanceId]) },
        ({ Instances }: Json) => Instances.Instance as Json[],
      ],
      ["DescribeManagedInstances", { InstanceId: [host.instanceId] }, ({ Instances }: Json) => Instances as Json[]],
      [
        "DescribeCloudAssistantStatus",
        {},
        ({ InstanceCloudAssistantStatusSet: set }: Json) => set.InstanceCloudAssistantStatus as Json[],
      ],
    ] as const) {
      const all = await call(target, action);
      expect([action, all["TotalCount"], find(all).map(({ InstanceId }) => InstanceId as unknown)]).toEqual([
        action,
        1,
        [otherHost.instanceId],
      ]);
      const asked = await call(target, action, named);
      expect([action, find(asked).some(({ InstanceId }) => InstanceId === host.instanceId)]).toEqual([action, false]);
    }
    const ids = { InstanceId: [otherHost.instanceId, host.instanceId] };
    expect(await codeOf(call(target, "DescribeCloudAssistantStatus", ids))).toBe("InvalidInstance.NotFound");
    expect(await codeOf(call(target, "RunCommand", { ...SCRIPT, ...ids }))).toBe("InvalidInstance.NotFound");
    expect(await codeOf(call(target, "InstallCloudAssistant", ids))).toBe("InvalidInstance.NotFound");
    const named = { InstanceId: host.instanceId, InstanceName: "taken" };
    expect(await codeOf(call(target, "ModifyManagedInstance", named))).toBe("InvalidInstance.NotFound");
    expect(await codeOf(call(target, "DeregisterManagedInstance", named))).toBe("InvalidInstance.NotFound");
  }
});

test("invocations of another account are not found: not listed, not read, not streamed, not stopped", async () => {
  const { InvokeId, CommandId } = ran;
  for (const target of [other, otherUser]) {
    for (const filter of [
      {},
      { InvokeId },
      { CommandId },
      { InstanceId: host.instanceId },
      { CommandName: "mine" },
      { MaxResults: 1 },
    ]) {
      expect(await call(target, "DescribeInvocations", filter)).toMatchObject({
        TotalCount: 0,
        NextToken: "",
        Invocations: { Invocation: [] },
      });
      expect(await call(target, "DescribeInvocationResults", filter)).toMatchObject({
        Invocation: { TotalCount: 0, InvocationResults: { InvocationResult: [] } },
      });
    }
    expect(await codeOf(callApi(target, "StreamInvocationOutput", { InvokeId }))).toBe("InvalidInvokeId.NotFound");
    expect(await codeOf(call(target, "StopInvocation", { InvokeId }))).toBe("InvalidInvokeId.NotFound");
  }
  expect(await call(api.target, "DescribeInvocations", { InvokeId })).toMatchObject({ TotalCount: 1 });
});

test("activations are each account's own, and so is their quota", async () => {
  const [mine, theirs] = [await call(api.target, "CreateActivation"), await call(other, "CreateActivation")];
  await call(other, "CreateActivation");
  expect(await codeOf(call(other, "CreateActivation"))).toBe("ActivationCount.ExceedLimit");
  expect(await call(other, "DescribeActivations")).toMatchObject({
    TotalCount: 2,
    ActivationList: [{}, { ActivationId: theirs["ActivationId"] }],
  });
  expect(await call(other, "DescribeActivations", { ActivationId: mine["ActivationId"] })).toMatchObject({
    TotalCount: 0,
    ActivationList: [],
  });
  for (const action of ["DisableActivation", "DeleteActivation"]) {
    expect(await codeOf(call(other, action, { ActivationId: mine["ActivationId"] }))).toBe("ActivationId.NotFound");
  }
  const listed = (await call(api.target, "DescribeActivations"))["ActivationList"] as Json[];
  expect(listed.map(({ ActivationId }) => ActivationId as unknown)).not.toContain(theirs["ActivationId"]);
});

test("a ClientToken and a NextToken are good in their own account alone", async () => {
  const asked = { ...SCRIPT, ClientToken: "same", Name: "theirs", InstanceId: [otherHost.instanceId] };
  const theirs = await call(other, "RunCommand", asked);
  expect(theirs["InvokeId"]).not.toBe(ran["InvokeId"]);
  expect(await call(other, "RunCommand", asked)).toMatchObject({ InvokeId: theirs["InvokeId"] });
  await call(api.target, "RunCommand", { ...SCRIPT, InstanceId: [host.instanceId] });
  const { NextToken } = await call(api.target, "DescribeInvocations", { MaxResults: 1 });
  expect(NextToken).not.toBe("");
  expect(await codeOf(call(other, "DescribeInvocations", { MaxResults: 1, NextToken }))).toBe(
    "InvalidParameter.NextToken",
  );
});

test("users of the same name are different users", async () => {
  const mine = await makeUser(api.target, "user");
  expect(await codeOf(call(mine, "DescribeInstances"))).toBe("Forbidden.RAM");
  expect(await codeOf(call(otherUser, "DescribeInstances"))).toBe("accepted");
});
