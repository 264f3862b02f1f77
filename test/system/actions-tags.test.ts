import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { SDK_CLIENTS, sdkCall } from "../support/sdk.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it
const REGION = { RegionId: "cn-hangzhou" };

let api: OpenApi;
let host: Instance;
let grouped: Instance;
beforeAll(async () => {
  api = await openApi({ maxOpenActivations: 100, resourceGroupIds: "rg-default,rg-lab" });
  host = await api.addInstance();
  grouped = await api.addInstance({ resourceGroupId: "rg-lab" });
});
afterAll(() => api.close());

const call = (action: string, parameters: Json): Promise<Json> =>
  sdkCall("pop-post", api.target, action, { ...REGION, ...parameters });
const errorOf = (action: string, parameters: Json): Promise<Json | undefined> =>
  sdkCall("pop-post", api.target, action, parameters).then(
    () => undefined,
    (error: Json) => error,
  );
const list = async (parameters: Json): Promise<string[]> => {
  const { TagResources } = await call("ListTagResources", parameters);
  return (TagResources.TagResource as Json[])
    .map(({ ResourceId, TagKey, TagValue }) => `${ResourceId} ${TagKey}=${TagValue}`)
    .toSorted();
};
const tagged = (ids: readonly string[], tags: Json = { env: "prod" }) => ({
  ResourceType: "managedinstance",
  ResourceId: [...ids],
  Tag: Object.entries(tags).map(([Key, Value]) => ({ Key, Value: Value as string })),
});

const command = (CommandId: unknown) => ({
  ...REGION,
  ...tagged([String(CommandId)], { tier: "gold" }),
  ResourceType: "command",
});
const all = (id: string, role: string) => [`${id} rack=7`, `${id} role=${role}`];

describe("kinds of resources", () => {
  test.each(SDK_CLIENTS)("an activation is tagged, listed and untagged through %s", async (client) => {
    const sdk = (action: string, parameters: Json): Promise<Json> =>
      sdkCall(client, api.target, action, { ...REGION, ...parameters });
    const { ActivationId } = await sdk("CreateActivation", { Tag: [{ Key: "first", Value: "1" }] });
    const named = { ResourceType: "activation", ResourceId: [ActivationId] };
    await sdk("TagResources", {
      ...named,
      Tag: [
        { Key: "second", Value: "" },
        { Key: "first", Value: "changed" },
      ],
    });
    const entry = (TagKey: string, TagValue: string) => ({
      ResourceType: "activation",
      ResourceId: ActivationId as string,
      TagKey,
      TagValue,
    });
    const { TagResources, NextToken } = await sdk("ListTagResources", named);
    expect([TagResources, NextToken]).toEqual([{ TagResource: [entry("first", "changed"), entry("second", "")] }, ""]);
    await sdk("UntagResources", { ...named, TagKey: ["first", "never-there"] });
    const { ActivationList } = await sdk("DescribeActivations", { ActivationId });
    expect(ActivationList).toMatchObject([{ Tags: [{ TagKey: "second", TagValue: "" }] }]);
    await sdk("UntagResources", { ...named, All: true });
    expect((await sdk("ListTagResources", named))["TagResources"]).toEqual({ TagResource: [] });
  });

  test("a host is an instance and a managed instance, with the same tags", async () => {
    await call("TagResources", tagged([host.instanceId], { twin: "1" }));
    expect(await list({ ResourceType: "instance", ResourceId: [host.instanceId], Tag: [{ Key: "twin" }] })).toEqual([
      `${host.instanceId} twin=1`,
    ]);
    expect((await call("DescribeInstances", { Tag: [{ Key: "twin", Value: "1" }] }))["TotalCount"]).toBe(1);
    await call("UntagResources", { ResourceType: "instance", ResourceId: [host.instanceId], TagKey: ["twin"] });
    expect(await list({ ResourceType: "managedinstance", ResourceId: [host.instanceId] })).toEqual([]);
  });

  test("an invocation is tagged, and found by it", async () => {
    const run = { Type: "RunShellScript", CommandContent: "echo", InstanceId: [host.instanceId] };
    const { InvokeId } = await call("RunCommand", run);
    await call("TagResources", { ...tagged([String(InvokeId)], { why: "test" }), ResourceType: "invocation" });
    expect((await call("DescribeInvocations", { Tag: [{ Key: "why", Value: "test" }] }))["Invocations"]).toMatchObject({
      Invocation: [{ InvokeId }],
    });
  });

  test("a kept command is tagged; one that is not kept cannot be", async () => {
    const run = { Type: "RunShellScript", CommandContent: "echo", InstanceId: [host.instanceId] };
    const kept = await call("RunCommand", { ...run, KeepCommand: true });
    await call("TagResources", command(kept["CommandId"]));
    const { Commands } = await call("DescribeCommands", { Tag: [{ Key: "tier", Value: "gold" }] });
    expect(Commands).toMatchObject({ Command: [{ CommandId: kept["CommandId"] as string }] });
    await call("TagResources", { ...tagged([host.instanceId], { ["k".repeat(128)]: "long" }) });
    const { CommandId } = await call("RunCommand", run);
    expect(await errorOf("TagResources", command(CommandId))).toMatchObject({ code: "InvalidResourceId.NotSupported" });
  });

  test("a resource group is kept with commands and invocations, and its hosts must be in it", async () => {
    const run = { Type: "RunShellScript", CommandContent: "echo", KeepCommand: true, ResourceGroupId: "rg-lab" };
    const { CommandId, InvokeId } = await call("RunCommand", { ...run, InstanceId: [grouped.instanceId] });
    const found = async (action: string, parameters: Json): Promise<unknown> =>
      (await call(action, parameters))["TotalCount"];
    for (const [group, count] of [
      ["rg-lab", 1],
      ["rg-default", 0],
      ["rg-none", 0],
    ] as const) {
      expect([
        group,
        await found("DescribeCommands", { CommandId: CommandId as string, ResourceGroupId: group }),
      ]).toEqual([group, count]);
      expect([
        group,
        await found("DescribeInvocations", { InvokeId: InvokeId as string, ResourceGroupId: group }),
      ]).toEqual([group, count]);
    }
    const other = { ...REGION, ...run, InstanceId: [grouped.instanceId, host.instanceId] };
    expect(await errorOf("RunCommand", other)).toMatchObject({ code: "InvalidInstance.NotFound" });
    expect(await errorOf("RunCommand", { ...other, ResourceGroupId: "rg-none" })).toMatchObject({
      code: "InvalidResourceGroup.NotFound",
    });
  });
});

test("several tags mean all of them; a key alone any value; patterns have stars", async () => {
  const [one, two] = await Promise.all([api.addInstance(), api.addInstance()]);
  await call("TagResources", tagged([one.instanceId], { rack: "7", role: "db" }));
  await call("TagResources", tagged([two.instanceId], { rack: "7", role: "web" }));
  const ResourceType = "instance";
  expect(await list({ ResourceType, Tag: [{ Key: "rack", Value: "7" }] })).toEqual(
    [...all(one.instanceId, "db"), ...all(two.instanceId, "web")].toSorted(),
  );
  expect(await list({ ResourceType, Tag: [{ Key: "rack" }, { Key: "role", Value: "web" }] })).toEqual(
    all(two.instanceId, "web"),
  );
  expect(await list({ ResourceType, Tag: [{ Key: "rack", Value: "8" }] })).toEqual([]);
  expect(await list({ ResourceType, TagFilter: [{ TagKey: "ro*", TagValues: ["d*", "x"] }] })).toEqual(
    all(one.instanceId, "db"),
  );
  expect(await list({ ResourceType, TagFilter: [{ TagKey: "ro[l]e" }] })).toEqual([]);
});

test("a resource group is asked for by its own tag", async () => {
  const ResourceType = "managedinstance";
  const group = (Value: string, ...more: Json[]) => ({
    ...REGION,
    ResourceType,
    Tag: [{ Key: "acs:rm:rgId", Value }, ...more],
  });
  expect(await list(group("rg-lab"))).toEqual([`${grouped.instanceId} acs:rm:rgId=rg-lab`]);
  expect(await list(group("rg-none"))).toEqual([]);
  expect(await errorOf("ListTagResources", group("rg-default"))).toMatchObject({
    code: "InvalidDefaultResourceGroup.NotSupported",
  });
  expect(await errorOf("ListTagResources", group("rg-lab", { Key: "a", Value: "b" }))).toMatchObject({
    code: "InvalidTag.NotSupported",
  });
});

test("long lists come in pages, whose tokens belong to their question", async () => {
  const hosts = await Promise.all(
    Array.from({ length: 60 }, () => api.addInstance({ tags: [{ key: "many", value: "1" }] })),
  );
  const question = { ResourceType: "instance", Tag: [{ Key: "many", Value: "1" }] };
  const first = await call("ListTagResources", question);
  const second = await call("ListTagResources", { ...question, NextToken: first["NextToken"] });
  const ids = [first, second].flatMap(({ TagResources }) =>
    (TagResources.TagResource as Json[]).map(({ ResourceId }) => ResourceId as string),
  );
  expect(ids.toSorted()).toEqual(hosts.map(({ instanceId }) => instanceId).toSorted());
  expect(second["NextToken"]).toBe("");
  const other = {
    ...REGION,
    ResourceType: "instance",
    Tag: [{ Key: "many" }],
    NextToken: first["NextToken"] as string,
  };
  expect(await errorOf("ListTagResources", other)).toMatchObject({ code: "Invalid.NextToken" });
});

test("of resources that cannot all be tagged none is", async () => {
  const [full, free] = await Promise.all([api.addInstance({ tags: many(19, "old") }), api.addInstance()]);
  expect(
    await errorOf("TagResources", { ...REGION, ...tagged([free.instanceId, full.instanceId], { a: "1", b: "2" }) }),
  ).toMatchObject({
    code: "OperationDenied.QuotaExceed",
    message: expect.stringContaining("The quota of tags on resource is beyond permitted range.") as string,
  });
  expect(await list({ ResourceType: "instance", ResourceId: [free.instanceId] })).toEqual([]);
  await call("TagResources", tagged([full.instanceId], { a: "1", old0: "new" }));
  expect(await errorOf("TagResources", { ...REGION, ...tagged([full.instanceId], { OLD1: "x" }) })).toMatchObject({
    code: "TagKey.Duplication",
  });
});

const many = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => ({ key: `${name}${index}`, value: "" }));
const ids = (count: number) => Array.from({ length: count }, (_, index) => `mi-${index}`);

test.each<[string, Json, string]>([
  [
    "TagResources",
    { RegionId: undefined },
    "MissingParameter.RegionId 404 The parameter - RegionId should not be null.",
  ],
  ["TagResources", { RegionId: "mars" }, "InvalidRegionId.NotFound 404"],
  ["TagResources", { ResourceType: undefined }, "MissingParameter.ResourceType 404"],
  ["TagResources", { ResourceType: "planet" }, "InvalidResourceType.NotFound 404"],
  ["TagResources", { ResourceType: "disk" }, "InvalidResourceId.NotFound 404"],
  ["TagResources", { ResourceId: undefined }, "MissingParameter.ResourceIds 404"],
  ["TagResources", { ResourceId: ids(51) }, "NumberExceed.ResourceIds 400"],
  ["TagResources", { ResourceId: ["mi-nobody"] }, "InvalidResourceId.NotFound 404"],
  ["TagResources", { Tag: undefined }, "MissingParameter.Tags 404"],
  [
    "TagResources",
    { Tag: many(21, "k").map(({ key }) => ({ Key: key })) },
    "NumberExceed.Tags 400 The Tags parameter's number is exceed , Valid : 20.",
  ],
  ["TagResources", { Tag: [{ Value: "v" }] }, "InvalidTag.Mismatch 400"],
  ["TagResources", { Tag: [{ Key: "k".repeat(129) }] }, "InvalidTagKey.Malformed 400"],
  ["TagResources", { Tag: [{ Key: "aliyun-x" }] }, "InvalidTagKey.Malformed 400"],
  ["TagResources", { Tag: [{ Key: "acs:rm:rgId", Value: "rg-lab" }] }, "NoPermission.Tag 403"],
  ["TagResources", { Tag: [{ Key: "k", Value: "http://x" }] }, "InvalidTagValue.Malformed 400"],
  ["TagResources", { Tag: [{ Key: "k" }, { Key: "k" }] }, "Duplicate.TagKey 400"],
  ["TagResources", { Tag: [{ Key: "k" }, { Key: "K" }] }, "TagKey.Duplication 403"],
  ["UntagResources", { Tag: undefined }, "MissingParameter.Tags 404"],
  ["UntagResources", { TagKey: ["k"], All: true }, "Param.Conflict 403"],
  ["UntagResources", { TagKey: ["acs:k"] }, "InvalidTagKey.Malformed 400"],
  ["UntagResources", { TagKey: ["k", "k"] }, "Duplicate.TagKey 400"],
  ["UntagResources", { TagKey: ids(21) }, "NumberExceed.Tags 400"],
  ["UntagResources", { TagKey: ["k"], ResourceId: ["mi-nobody"] }, "InvalidResourceId.NotFound 404"],
  ["ListTagResources", { ResourceId: undefined, Tag: undefined }, "BothEmpty.TagsAndResources 403"],
  ["ListTagResources", { TagFilter: [{ TagKey: "k" }] }, "InvalidTags.MalFormed 400"],
  ["ListTagResources", { Tag: undefined, TagFilter: [{ TagValues: ["v"] }] }, "InvalidTagFilter.Malformed 403"],
  [
    "ListTagResources",
    { Tag: undefined, TagFilter: [{ TagKey: "k", TagValues: ids(6) }] },
    "NumberExceed.TagValues 403",
  ],
  ["ListTagResources", { NextToken: "x" }, "Invalid.NextToken 403"],
])("%s %j → %s", async (action, parameters, expected) => {
  const [code, status, message = ""] = expected.split(/ (\d{3}) ?/);
  const asked = { ...REGION, ...tagged([host.instanceId], { fine: "1" }), ...parameters };
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const error = await errorOf(action, given);
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string });
  const typed = await sdkCall("v3", api.target, action, given).catch((thrown: Json) => thrown);
  expect(typed["statusCode"]).toBe(Number(status));
});
