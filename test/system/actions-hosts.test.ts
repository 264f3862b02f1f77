import { randomUUID } from "node:crypto";
import type { Instance } from "@cloud-assistant/control-plane/store/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { SDK_CLIENTS, sdkCall } from "../support/sdk.ts";
import { signedV1, toQuery } from "../support/signed-request.ts";

type Json = Record<string, unknown>;
const REGION = { RegionId: "cn-hangzhou" };
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string;

let api: OpenApi;
let host: Instance;
let other: Instance;

beforeAll(async () => {
  api = await openApi({ maxOpenActivations: 6 });
  host = await api.addInstance({ tags: [{ key: "rack", value: "1" }] });
  other = await api.addInstance({ instanceName: "other" });
});
afterAll(() => api.close());

const call = (action: string, parameters: Json): Promise<Json> => sdkCall("pop-post", api.target, action, parameters);
const refusal = (action: string, parameters: Json): Promise<unknown> =>
  call(action, parameters).then(
    () => "none",
    (error: { code: string }) => error.code,
  );

describe("activations", () => {
  test("the code is shown once; a ClientToken gets it again; the quota is told", async () => {
    const asked = {
      ...REGION,
      ClientToken: randomUUID(),
      InstanceName: "rack",
      InstanceCount: 3,
      IpAddressRange: "10.0.0.0/8",
      Description: "d",
      Tag: [{ Key: "k", Value: "v" }],
    };
    const { RequestId: _first, ...made } = await call("CreateActivation", asked);
    const { RequestId: _second, ...again } = await call("CreateActivation", asked);
    expect(made).toEqual({
      ActivationId: expect.stringMatching(/^[0-9A-F-]{36}$/) as string,
      ActivationCode: expect.stringMatching(/^a-/) as string,
    });
    expect(again).toEqual(made);
    expect(await refusal("CreateActivation", { ...asked, InstanceCount: 4 })).toBe("IdempotentParameterMismatch");
    const listed = await call("DescribeActivations", { ...REGION, ActivationId: made["ActivationId"] });
    expect(listed).toMatchObject({
      TotalCount: 1,
      ActivationList: [
        {
          ActivationId: made["ActivationId"],
          InstanceCount: 3,
          RegisteredCount: 0,
          DeregisteredCount: 0,
          TimeToLiveInHours: 4,
          InstanceName: "rack",
          IpAddressRange: "10.0.0.0/8",
          Description: "d",
          Disabled: false,
          CreationTime: time,
          Tags: [{ TagKey: "k", TagValue: "v" }],
        },
      ],
    });
    expect(JSON.stringify(listed)).not.toContain(made["ActivationCode"]);
    for (let index = 0; index < 4; index++) await call("CreateActivation", REGION);
    await expect(call("CreateActivation", REGION)).rejects.toMatchObject({
      code: "ActivationCount.ExceedLimit",
      message: expect.stringContaining("exceeds the limit of 6.") as string,
    });
  });
});

describe("hosts", () => {
  test("DescribeManagedInstances", async () => {
    expect(await call("DescribeManagedInstances", { ...REGION, InstanceId: [host.instanceId] })).toMatchObject({
      TotalCount: 1,
      PageNumber: 1,
      PageSize: 10,
      Instances: [
        {
          InstanceId: host.instanceId,
          InstanceName: host.instanceName,
          ActivationId: host.activationId,
          Hostname: host.host.hostname,
          MachineId: host.host.machineId,
          OsType: "Linux",
          OsVersion: host.host.osVersion,
          AgentVersion: "0.1.0",
          IntranetIp: host.host.intranetIp,
          InternetIp: host.internetIp,
          Connected: false,
          RegistrationTime: time,
          Tags: [{ TagKey: "rack", TagValue: "1" }],
        },
      ],
    });
    for (const [filter, count] of [
      [{ Connected: "true" }, 0],
      [{ Connected: "false" }, 2],
      [{ OsType: "windows" }, 0],
      [{ InstanceIp: other.host.intranetIp }, 1],
      [{ MachineId: other.host.machineId }, 1],
      [{ Tag: [{ Key: "rack", Value: "1" }] }, 1],
      [{ ResourceGroupId: "rg-1" }, 0],
    ] as const) {
      expect([filter, (await call("DescribeManagedInstances", { ...REGION, ...filter }))["TotalCount"]]).toEqual([
        filter,
        count,
      ]);
    }
  });

  test.each(SDK_CLIENTS)("DescribeInstances through %s", async (client) => {
    expect(
      await sdkCall(client, api.target, "DescribeInstances", {
        ...REGION,
        InstanceIds: JSON.stringify([host.instanceId]),
      }),
    ).toMatchObject({
      TotalCount: 1,
      Instances: {
        Instance: [
          {
            InstanceId: host.instanceId,
            InstanceName: host.instanceName,
            Status: "Stopped",
            RegionId: "cn-hangzhou",
            OSType: "linux",
            HostName: host.host.hostname,
            CreationTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/) as string,
            VpcAttributes: { PrivateIpAddress: { IpAddress: [host.host.intranetIp] } },
            PublicIpAddress: { IpAddress: [host.internetIp] },
            Tags: { Tag: [{ TagKey: "rack", TagValue: "1" }] },
            SecurityGroupIds: { SecurityGroupId: [] },
          },
        ],
      },
    });
  });

  test("DescribeInstances by status, name, address, and what only a cloud has", async () => {
    const count = async (filter: Json) => (await call("DescribeInstances", { ...REGION, ...filter }))["TotalCount"];
    expect(await count({ Status: "Running" })).toBe(0);
    expect(await count({ Status: "Stopped" })).toBe(2);
    expect(await count({ Status: "Starting" })).toBe(0);
    expect(await count({ InstanceName: "oth*" })).toBe(1);
    expect(await count({ PrivateIpAddresses: JSON.stringify([host.host.intranetIp]) })).toBe(1);
    expect(await count({ VpcId: "vpc-1" })).toBe(0);
    expect(await refusal("DescribeInstances", { ...REGION, DryRun: true })).toBe("DryRunOperation");
  });

  test("DescribeCloudAssistantStatus: the status is a text, named hosts are not paged", async () => {
    expect(
      await call("DescribeCloudAssistantStatus", {
        ...REGION,
        InstanceId: [host.instanceId, other.instanceId],
        PageSize: 1,
      }),
    ).toMatchObject({
      TotalCount: 2,
      InstanceCloudAssistantStatusSet: {
        InstanceCloudAssistantStatus: [
          {
            InstanceId: host.instanceId,
            CloudAssistantStatus: "false",
            CloudAssistantVersion: "0.1.0",
            OSType: "Linux",
            LastHeartbeatTime: time,
            ActiveTaskCount: expect.any(Number) as number,
            InvocationCount: expect.any(Number) as number,
            SupportSessionManager: false,
          },
          { InstanceId: other.instanceId },
        ],
      },
    });
    const paged = (await call("DescribeCloudAssistantStatus", { ...REGION, PageSize: 1 })) as {
      InstanceCloudAssistantStatusSet: { InstanceCloudAssistantStatus: Json[] };
    };
    expect(paged.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus).toHaveLength(1);
    expect(await refusal("DescribeCloudAssistantStatus", { ...REGION, InstanceId: ["mi-nobody"] })).toBe(
      "InvalidInstance.NotFound",
    );
  });
});

test("no success has a Code at its top level, as pop-core would take it for an error", async () => {
  for (const action of [
    "DescribeRegions",
    "DescribeInstances",
    "DescribeActivations",
    "DescribeManagedInstances",
    "DescribeInvocations",
  ]) {
    const response = await fetch(`${api.target.endpoint}/?${toQuery(signedV1(api.target, action, REGION, "GET"))}`);
    expect([action, response.status, Object.keys((await response.json()) as Json).includes("Code")]).toEqual([
      action,
      200,
      false,
    ]);
  }
});
