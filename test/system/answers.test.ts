import { ACTIONS } from "@cloud-assistant/control-plane/actions/index";
import { NOT_YET } from "@cloud-assistant/control-plane/actions/not-yet";
import { ECS_VERSION } from "@cloud-assistant/shared/api/versions";
import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentedAnswers, findDifferences } from "../support/documented-answers.ts";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { sdkCall } from "../support/sdk.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

/**
 * The typed client drops what its model does not have, so what is missing shows; pop-core gives the bare answer, so what is
 * too much shows.
 */
const CLIENTS = ["v3", "pop-post"] as const;
const RegionId = "cn-hangzhou";
const Tag = [{ Key: "env", Value: "lab" }];
const tags = [{ key: "env", value: "lab" }];

/** What the clients of Cloud Assistant read of an instance (api-facts, DescribeInstances); the rest is a cloud's. */
const OF_INSTANCES =
  /^(?:PageNumber|PageSize|TotalCount|NextToken|RequestId|Instances(?:\.Instance\[\](?:\.(?:InstanceId|InstanceName|Status|RegionId|ZoneId|OSType|OSName|OSNameEn|HostName|CreationTime|InstanceType|ResourceGroupId|VpcAttributes(?:\.PrivateIpAddress(?:\..*)?)?|PublicIpAddress(?:\..*)?|EipAddress(?:\.IpAddress)?|Tags(?:\..*)?|SecurityGroupIds(?:\..*)?))?)?)$/;
const LEFT_OUT: Readonly<Record<string, (path: string) => boolean>> = {
  DescribeInstances: (path) => !OF_INSTANCES.test(path),
  // of public commands only, which there are none of
  DescribeCommands: (path) => path === "Commands.Command[].Latest" || path === "Commands.Command[].Version",
};

let api: OpenApi;
let host: Instance;
beforeAll(async () => {
  api = await openApi({
    resourceGroupIds: "rg-default,rg-lab",
    outputDeliveryTargets: "oss://results",
    outputDeliveryStore: "/var/lib/results",
    regionIds: "cn-hangzhou,cn-shanghai",
  });
  host = await api.addInstance({ tags, resourceGroupId: "rg-lab" });
});
afterAll(() => api.close());

const called = new Set<string>();

describe.each(CLIENTS)("through %s", (client) => {
  /** The answer, after it was found as documented. */
  const ask = async (action: string, parameters: Json): Promise<Json> => {
    const answer = await sdkCall(client, api.target, action, { RegionId, ...parameters });
    expect(findDifferences(action, answer, LEFT_OUT[action])).toEqual([]);
    expect(answer["RequestId"]).toMatch(/^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
    called.add(action);
    return answer;
  };
  /** The typed client makes JSON of a map; the other one sends what it is given. */
  const map = (value: Json): unknown => (client === "v3" ? value : JSON.stringify(value));
  const script = {
    Type: "RunShellScript",
    CommandContent: "echo {{who}}",
    EnableParameter: true,
    Parameters: map({ who: "me" }),
    ResourceGroupId: "rg-lab",
    Tag,
  };
  const run = async (more: Json = {}): Promise<Json> =>
    ask("RunCommand", {
      ...script,
      Name: "hello",
      Description: "says it",
      InstanceId: [host.instanceId],
      OssOutputDelivery: "oss://results/x",
      Username: "app",
      WorkingDir: "/tmp",
      Timeout: 90,
      TerminationMode: "ProcessTree",
      Launcher: "python3",
      ...more,
    });
  const both = async (parameters: Json): Promise<[Json[], Json[]]> => {
    const { Invocations } = await ask("DescribeInvocations", { IncludeOutput: true, ...parameters });
    const { Invocation } = await ask("DescribeInvocationResults", parameters);
    return [Invocations.Invocation, Invocation.InvocationResults.InvocationResult];
  };
  // the models of the typed client spell the members of a group with a lower-case first letter
  const group = (value: Json): unknown =>
    map(
      client === "v3"
        ? Object.fromEntries(
            Object.entries(value).map(([name, member]) => [name[0]?.toLowerCase() + name.slice(1), member]),
          )
        : value,
    );

  test("commands", async () => {
    const { CommandId } = await ask("CreateCommand", {
      Name: `greet-${client}`,
      ...script,
      CommandContent: "ZWNobyB7e3dob319",
      Description: "d",
      WorkingDir: "/tmp",
      Timeout: 10,
      Parameters: undefined,
    });
    const { InvokeId } = await ask("InvokeCommand", {
      CommandId,
      InstanceId: [host.instanceId],
      Parameters: map({ who: "me" }),
    });
    expect((await ask("DescribeCommands", { CommandId }))["Commands"].Command).toHaveLength(1);
    await ask("ModifyCommand", { CommandId, Description: "e" });
    await api.play({ invokeId: InvokeId, instanceId: host.instanceId }, Buffer.from("me\n"));
    await ask("DeleteCommand", { CommandId });
    expect((await ask("DescribeCommands", { CommandId }))["Commands"].Command).toEqual([]);
  });

  test("invocations and their results", async () => {
    const { InvokeId } = await run();
    await both({ InvokeId }); // while it waits
    await api.play({ invokeId: InvokeId, instanceId: host.instanceId }, Buffer.from("me\n"), 3);
    const [[invocation], [result]] = await both({ InvokeId, Tag, InstanceId: host.instanceId });
    expect(invocation?.["InvokeInstances"].InvokeInstance[0]).toMatchObject({
      Output: "bWUK",
      ExitCode: 3,
      Repeats: 1,
    });
    expect(result).toMatchObject({
      Output: "bWUK",
      ExitCode: 3,
      Repeats: 1,
      Tags: { Tag: [{ TagKey: "env", TagValue: "lab" }] },
    });
    expect(await both({ InvokeId: "t-none" })).toEqual([[], []]);
  });

  test("schedules, changed and stopped", async () => {
    const { InvokeId } = await run({ Frequency: "rate(1h)" });
    await ask("ModifyInvocationAttribute", {
      InvokeId,
      CommandContent: "echo {{who}} again",
      InstanceId: [host.instanceId],
    });
    await ask("StopInvocation", { InvokeId });
    const { Invocations } = await ask("DescribeInvocations", { InvokeId });
    expect(Invocations.Invocation[0]).toMatchObject({ Timed: false, Frequency: "rate(1h)", RepeatMode: "Period" });
  });

  test("pages by token, each as documented", async () => {
    for (let more = 0; more < 3; more++) await run();
    const lists: readonly (readonly [string, (answer: Json) => Json, (answer: Json) => Json[]])[] = [
      ["DescribeInvocations", (answer) => answer, (answer) => answer["Invocations"].Invocation],
      [
        "DescribeInvocationResults",
        (answer) => answer["Invocation"],
        (answer) => answer["Invocation"].InvocationResults.InvocationResult,
      ],
    ];
    for (const [action, pageOf, rowsOf] of lists) {
      const seen: string[] = [];
      let NextToken: string | undefined;
      do {
        const answer = await ask(action, { MaxResults: 2, ...(NextToken && { NextToken }) });
        seen.push(...rowsOf(answer).map((row) => row["InvokeId"] as string));
        NextToken = pageOf(answer)["NextToken"] as string;
      } while (NextToken !== "");
      expect(new Set(seen).size).toBe(seen.length);
      expect(pageOf(await ask(action, {}))["TotalCount"]).toBe(seen.length);
    }
  });

  test("activations", async () => {
    const { ActivationId } = await ask("CreateActivation", {
      InstanceName: `rack-${client}`,
      Description: "d",
      InstanceCount: 3,
      IpAddressRange: "10.0.0.0/8",
      ResourceGroupId: "rg-lab",
      Tag,
    });
    expect((await ask("DescribeActivations", { ActivationId, Tag }))["ActivationList"]).toHaveLength(1);
    await ask("DisableActivation", { ActivationId });
    await ask("DeleteActivation", { ActivationId });
    expect((await ask("DescribeActivations", { ActivationId }))["ActivationList"]).toEqual([]);
  });

  test("hosts", async () => {
    const { instanceId } = await api.addInstance({ tags, resourceGroupId: "rg-lab", lastInvokedMs: Date.now() });
    await ask("ModifyManagedInstance", { InstanceId: instanceId, InstanceName: "db" });
    await ask("DescribeManagedInstances", { InstanceId: [instanceId], Tag });
    await ask("DescribeInstances", { InstanceIds: JSON.stringify([instanceId]) });
    await ask("DescribeCloudAssistantStatus", { InstanceId: [instanceId] });
    await ask("InstallCloudAssistant", { InstanceId: [instanceId] });
    await ask("DeregisterManagedInstance", { InstanceId: instanceId });
    expect((await ask("DescribeManagedInstances", { InstanceId: [instanceId] }))["Instances"]).toEqual([]);
    expect(
      (await ask("DescribeInstances", { InstanceIds: JSON.stringify([instanceId]) }))["Instances"].Instance,
    ).toEqual([]);
    await ask("DescribeRegions", {});
  });

  test("tags of resources", async () => {
    const resources = { ResourceType: "managedinstance", ResourceId: [host.instanceId] };
    await ask("TagResources", { ...resources, Tag: [{ Key: "rack", Value: "7" }] });
    expect(
      (await ask("ListTagResources", { ...resources, Tag: [{ Key: "rack" }] }))["TagResources"].TagResource,
    ).not.toEqual([]);
    await ask("UntagResources", { ...resources, TagKey: ["rack"] });
    expect(
      (await ask("ListTagResources", { ...resources, Tag: [{ Key: "rack" }] }))["TagResources"].TagResource,
    ).toEqual([]);
  });

  test("settings", async () => {
    const oss = {
      Enabled: true,
      BucketName: "results",
      Prefix: "p",
      EncryptionType: "KMS",
      EncryptionAlgorithm: "AES256",
      EncryptionKeyId: "k",
    };
    await ask("ModifyCloudAssistantSettings", {
      SettingType: "AgentUpgradeConfig",
      AgentUpgradeConfig: group({ Enabled: true, AllowedUpgradeWindow: ["02:00-03:00"], TimeZone: "Asia/Shanghai" }),
    });
    await ask("ModifyCloudAssistantSettings", {
      SettingType: "SessionManagerConfig",
      SessionManagerConfig: group({ SessionManagerEnabled: true }),
    });
    await ask("ModifyCloudAssistantSettings", { SettingType: "InvocationDelivery", OssDeliveryConfig: group(oss) });
    const answer = await ask("DescribeCloudAssistantSettings", {
      SettingType: ["AgentUpgradeConfig", "SessionManagerConfig", "InvocationDelivery"],
    });
    expect(answer["OssDeliveryConfigs"].OssDeliveryConfig).toEqual([{ DeliveryType: "Invocation", ...oss }]);
  });
});

test.each<[string, Json]>([
  ["CommandId is number, not string", { CommandId: 1, InvokeId: "t-1", RequestId: "r" }],
  ["InvokeId is missing", { CommandId: "c-1", RequestId: "r" }],
  ["Extra is not documented", { CommandId: "c-1", InvokeId: "t-1", RequestId: "r", Extra: 1 }],
])("the comparison notices that %s", (difference, answer) => {
  expect(findDifferences("RunCommand", answer)).toEqual([difference]);
});

test.each<[string, Json]>([
  ["TagResources is array, not object", { TagResources: [] }],
  ["TagResources.TagResource[] is missing", { TagResources: {} }],
  ["TagResources.TagResource[] is no list but object", { TagResources: { TagResource: {} } }],
  [
    "TagResources.TagResource[].TagKey is missing",
    { TagResources: { TagResource: [{ TagValue: "v", ResourceId: "i", ResourceType: "command" }] } },
  ],
])("the comparison notices that %s", (difference, answer) => {
  expect(findDifferences("ListTagResources", { NextToken: "", RequestId: "r", ...answer })).toEqual([difference]);
});

test("every action that is documented and served was asked", () => {
  const served = [...(ACTIONS.get(ECS_VERSION)?.keys() ?? [])].filter(
    (name) => !NOT_YET.some((action) => action.name === name),
  );
  expect(documentedAnswers().filter((name) => served.includes(name) && !called.has(name))).toEqual([]);
});
