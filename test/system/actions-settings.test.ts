import { afterAll, beforeAll, expect, test } from "vitest";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { sdkCall } from "../support/sdk.ts";

const REGION = { RegionId: "cn-hangzhou" };
let api: OpenApi;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

test("settings written by the typed SDK come back through its types", async () => {
  const modify = (parameters: Record<string, unknown>) =>
    sdkCall("v3", api.target, "ModifyCloudAssistantSettings", { ...REGION, ...parameters });
  const window = ["02:00-03:00", "05:00-06:00"];
  // as captured in wire-facts section 4: the object travels as one JSON text
  await modify({
    SettingType: "AgentUpgradeConfig",
    AgentUpgradeConfig: { enabled: true, allowedUpgradeWindow: window, timeZone: "Asia/Shanghai" },
  });
  await modify({
    SettingType: "InvocationDelivery",
    OssDeliveryConfig: { enabled: true, bucketName: "example-bucket", prefix: "audit" },
  });
  await Promise.all([
    modify({ SettingType: "SessionManagerConfig", SessionManagerConfig: { sessionManagerEnabled: true } }),
    modify({ SettingType: "AgentUpgradeConfig", ResourceUsageConfig: { cpuLimit: 30 } }),
  ]);
  const SettingType = ["AgentUpgradeConfig", "InvocationDelivery", "SessionManagerConfig", "SessionManagerDelivery"];
  const { RequestId: _id, ...answer } = await sdkCall("v3", api.target, "DescribeCloudAssistantSettings", {
    ...REGION,
    SettingType,
  });
  expect(answer).toEqual({
    AgentUpgradeConfig: {
      Enabled: true,
      AllowedUpgradeWindows: { AllowedUpgradeWindow: window },
      TimeZone: "Asia/Shanghai",
      BootstrapUpgrade: true,
      DisableUpgrade: false,
    },
    ResourceUsageConfig: {
      CpuLimit: 30,
      MemoryLimit: "50MB",
      OverloadLimit: 3,
      LogFileCountLimit: 30,
      LogSizeLimit: "100MB",
      KeepScriptFile: false,
    },
    OssDeliveryConfigs: {
      OssDeliveryConfig: [
        { DeliveryType: "SessionManager", Enabled: false, BucketName: "", Prefix: "", EncryptionType: "Inherit" },
        {
          DeliveryType: "Invocation",
          Enabled: true,
          BucketName: "example-bucket",
          Prefix: "audit",
          EncryptionType: "Inherit",
        },
      ],
    },
    SlsDeliveryConfigs: {
      SlsDeliveryConfig: [
        { DeliveryType: "SessionManager", Enabled: false, ProjectName: "", LogstoreName: "" },
        { DeliveryType: "Invocation", Enabled: false, ProjectName: "", LogstoreName: "" },
      ],
    },
    SessionManagerConfig: { SessionManagerEnabled: true },
  });
});
