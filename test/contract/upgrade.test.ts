import { chmodSync, copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { databasePath, openDatabase } from "@cloud-assistant/control-plane/store/sqlite/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeAccount } from "../support/identity.ts";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { callAny, LISTS, type Json } from "../support/tenant.ts";

const OLD = new URL("../fixtures/old-state/", import.meta.url);

function restore(dataDir: string): void {
  const db = openDatabase(dataDir);
  db.exec(readFileSync(new URL("schema-7.sql", OLD), "utf8"));
  db.close();
  for (const key of ["master-key.json", "signing-key.json"]) {
    copyFileSync(new URL(`schema-7-${key}`, OLD), join(dataDir, key));
    chmodSync(join(dataDir, key), 0o600);
  }
  chmodSync(databasePath(dataDir), 0o600);
}

let api: OpenApi;
beforeAll(async () => {
  api = await openApi({ resourceGroupIds: "rg-default,rg-lab" }, { prepare: restore });
});
afterAll(() => api.close());

const call = (action: string, parameters: Json = {}): Promise<Json> => callAny(api.target, action, parameters);
const tags = { Tag: [{ Key: "team", Value: "old" }] };

test("what was there before there were accounts is the root key's: listed, counted, found by tag and group", async () => {
  expect(await call("DescribeInstances", tags)).toMatchObject({
    TotalCount: 1,
    Instances: { Instance: [{ InstanceName: "old host" }] },
  });
  expect(await call("DescribeManagedInstances", { ResourceGroupId: "rg-lab" })).toMatchObject({ TotalCount: 1 });
  expect(await call("DescribeInstances")).toMatchObject({ TotalCount: 1 });
  expect(await call("DescribeActivations")).toMatchObject({
    TotalCount: 2,
    ActivationList: [{ InstanceName: "old" }, {}],
  });
  expect(await call("DescribeCommands", { ...tags, ResourceGroupId: "rg-lab" })).toMatchObject({
    TotalCount: 1,
    Commands: { Command: [{ Name: "old command" }] },
  });
  expect(await call("DescribeCommands")).toMatchObject({ TotalCount: 1 });
  expect(await call("DescribeInvocations", { CommandName: "old run", ...tags })).toMatchObject({
    TotalCount: 1,
    Invocations: { Invocation: [{ InvocationStatus: "Success" }] },
  });
  expect(await call("DescribeInvocations")).toMatchObject({ TotalCount: 2 });
  expect(await call("DescribeInvocations", { Timed: true })).toMatchObject({ TotalCount: 1 });
  const { Invocation } = await call("DescribeInvocationResults", { ContentEncoding: "PlainText" });
  expect(Invocation).toMatchObject({
    TotalCount: 2,
    InvocationResults: { InvocationResult: [{ InvocationStatus: "Pending" }, { Output: "old output", ExitCode: 0 }] },
  });
  const [{ InstanceId }] = (await call("DescribeInstances"))["Instances"].Instance as [Json];
  expect(await call("ListTagResources", { ResourceType: "managedinstance", ResourceId: [InstanceId] })).toMatchObject({
    TagResources: { TagResource: [{ TagKey: "team", TagValue: "old" }] },
  });
});

test("settings, parameters with their earlier values, and answers kept for tokens", async () => {
  expect(
    JSON.stringify(await call("DescribeCloudAssistantSettings", { SettingType: ["InvocationDelivery"] })),
  ).toContain('"Prefix":"old"');
  expect(await call("GetParameter", { Name: "old" })).toMatchObject({ Parameter: { Value: "old value" } });
  expect(await call("GetSecretParameter", { Name: "old", WithDecryption: true })).toMatchObject({
    Parameter: { Value: "old secret 2", ParameterVersion: 2 },
  });
  expect(await call("GetSecretParameter", { Name: "old", WithDecryption: true, ParameterVersion: 1 })).toMatchObject({
    Parameter: { Value: "old secret" },
  });
  const again = await call("CreateActivation", { InstanceName: "old", ...tags, ClientToken: "old-token" });
  expect((await call("DescribeActivations", { ActivationId: again["ActivationId"] }))["TotalCount"]).toBe(1);
  expect((await call("DescribeActivations"))["TotalCount"]).toBe(2);
});

test("it can be changed, run on and stopped as before, and another account sees nothing of it", async () => {
  const [host] = (await call("DescribeInstances"))["Instances"].Instance as Json[];
  const [open] = (await call("DescribeInvocations", { Timed: true }))["Invocations"].Invocation as Json[];
  const [command] = (await call("DescribeCommands"))["Commands"].Command as Json[];
  await call("ModifyManagedInstance", { InstanceId: host?.["InstanceId"], InstanceName: "new-name" });
  await call("InvokeCommand", { CommandId: command?.["CommandId"], InstanceId: [host?.["InstanceId"]] });
  await call("StopInvocation", { InvokeId: open?.["InvokeId"] });
  expect((await call("DescribeInvocations"))["TotalCount"]).toBe(3);
  expect((await call("DescribeInvocations", { Timed: true }))["TotalCount"]).toBe(0);
  const { target } = await makeAccount(api.target, "other");
  for (const action of Object.keys(LISTS).filter((name) => name !== "ListUsers")) {
    const answer = await callAny(target, action);
    expect([action, (answer["Invocation"] ?? answer).TotalCount]).toEqual([action, 0]);
  }
});
