import { changeSettings, describeSettings, type Settings } from "@cloud-assistant/control-plane/domain/settings";
import { parseInput } from "@cloud-assistant/shared/api/fields";
import {
  DescribeCloudAssistantSettingsInput,
  ModifyCloudAssistantSettingsInput,
} from "@cloud-assistant/shared/api/settings";
import { isUpgradeWindow, windowMinutes } from "@cloud-assistant/shared/api/upgrade-window";
import { ApiError } from "@cloud-assistant/shared/errors";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const change = (
  SettingType: string | undefined,
  configs: Record<string, unknown> = {},
  settings: Settings = {},
): Settings => {
  const texts = Object.entries(configs).map(([name, config]) => [
    name,
    typeof config === "string" ? config : JSON.stringify(config),
  ]);
  return changeSettings(
    settings,
    parseInput(ModifyCloudAssistantSettingsInput, { RegionId: "r", SettingType, ...Object.fromEntries(texts) }),
  );
};
function errorOf(run: () => unknown): string {
  try {
    run();
    return "none";
  } catch (error) {
    return error instanceof ApiError ? `${error.code}: ${error.message}` : String(error);
  }
}
const oss = (members: Record<string, unknown>) => ({ OssDeliveryConfig: members });
const sls = (members: Record<string, unknown>) => ({ SlsDeliveryConfig: members });
const upgrade = (members: Record<string, unknown>) => ({ AgentUpgradeConfig: members });
const usage = (members: Record<string, unknown>) => ({ ResourceUsageConfig: members });
const delivery = "InvocationDelivery";

test.each<[string | undefined, Record<string, unknown>, string]>([
  [undefined, {}, "MissingParameter"],
  ["Everything", {}, "InvalidParameter.SettingType"],
  ["AgentUpgradeConfig", {}, 'MissingParameter: The input parameter "AgentUpgradeConfig"'],
  [delivery, upgrade({}), 'MissingParameter: The input parameter "OssDeliveryConfig"'],
  [delivery, { OssDeliveryConfig: "x" }, 'InvalidParameter: The specified parameter "OssDeliveryConfig"'],
  [delivery, { OssDeliveryConfig: "[]" }, "InvalidParameter"],
  [delivery, oss({ Enabled: 1 }), 'InvalidParameter: The specified parameter "OssDeliveryConfig.Enabled"'],
  [delivery, oss({ Enabled: true }), "InvalidParameter.OssBucketName"],
  [delivery, oss({ BucketName: "Bucket" }), "InvalidParameter.OssBucketName"],
  [delivery, oss({ BucketName: "b" }), "InvalidParameter.OssBucketName"],
  [delivery, oss({ Prefix: "/logs" }), "InvalidParameter.OssPrefix"],
  [delivery, oss({ Prefix: "p".repeat(255) }), "InvalidParameter.OssPrefix"],
  [delivery, oss({ EncryptionType: "ROT13" }), "InvalidParameter.OssEncryptionType"],
  [delivery, oss({ EncryptionAlgorithm: "DES" }), "InvalidParameter.OssEncryptionAlgorithm"],
  [delivery, oss({ EncryptionKeyId: "a b" }), "InvalidParameter.OssEncryptionKeyId"],
  [delivery, oss({ EncryptionType: "KMS" }), "InvalidParameter.OssEncryptionKeyId"],
  [delivery, oss({ EncryptionAlgorithm: "SM4" }), "InvalidOperation.OssEncryptionUnsupported"],
  [delivery, oss({ EncryptionType: "OssManaged", EncryptionKeyId: "k" }), "InvalidOperation.OssEncryptionUnsupported"],
  [
    delivery,
    oss({
      Enabled: true,
      BucketName: "bucket",
      EncryptionType: "KMS",
      EncryptionKeyId: "k",
      EncryptionAlgorithm: "SM4",
    }),
    "none",
  ],
  [delivery, sls({ ProjectName: "P" }), "InvalidParameter.SlsProjectName"],
  [delivery, sls({ LogstoreName: "l" }), "InvalidParameter.SlsLogstoreName"],
  [delivery, sls({ Enabled: true, ProjectName: "pro" }), "InvalidParameter.SlsLogstoreName"],
  [delivery, sls({ Enabled: true, ProjectName: "pro", LogstoreName: "log" }), "InvalidSlsProjectName.NotFound"],
  [
    "SessionManagerDelivery",
    oss({ Enabled: true, BucketName: "bucket" }),
    "InvalidOperation.SessionManagerDeliveryUnsupported",
  ],
  ["AgentUpgradeConfig", upgrade({ AllowedUpgradeWindow: ["2:00-03:00"] }), "InvalidParameter.AllowedUpgradeWindow"],
  ["AgentUpgradeConfig", upgrade({ AllowedUpgradeWindow: "02:00-03:00" }), "InvalidParameter.AllowedUpgradeWindow"],
  [
    "AgentUpgradeConfig",
    upgrade({ AllowedUpgradeWindow: ["23:30-00:29"] }),
    "InvalidAllowedUpgradeWindow.DurationTooShort",
  ],
  ["AgentUpgradeConfig", upgrade({ AllowedUpgradeWindow: ["23:30-00:30", "23:00-24:00"] }), "none"],
  [
    "AgentUpgradeConfig",
    upgrade({ AllowedUpgradeWindow: Array(6).fill("02:00-03:00") }),
    "InvalidAllowedUpgradeWindow.CountLimitExceeded",
  ],
  ["AgentUpgradeConfig", upgrade({ Enabled: true }), "InvalidAllowedUpgradeWindow.Required"],
  ["AgentUpgradeConfig", upgrade({ TimeZone: "Moon/Base" }), "InvalidParameter.TimeZone"],
  ["AgentUpgradeConfig", upgrade({ TimeZone: "GMT+8:00" }), "none"],
  [
    "AgentUpgradeConfig",
    usage({ CpuLimit: 9 }),
    'InvalidParameter: The specified parameter "ResourceUsageConfig.CpuLimit"',
  ],
  ["AgentUpgradeConfig", usage({ MemoryLimit: "34MB" }), "InvalidParameter"],
  ["AgentUpgradeConfig", usage({ OverloadLimit: 2 }), "InvalidParameter"],
  ["AgentUpgradeConfig", usage({ LogFileCountLimit: 366 }), "InvalidParameter"],
  ["AgentUpgradeConfig", usage({ LogSizeLimit: "9MB" }), "InvalidParameter"],
  ["AgentUpgradeConfig", usage({ KeepScriptFile: "maybe" }), "InvalidParameter"],
  ["SessionManagerConfig", { SessionManagerConfig: { SessionManagerEnabled: true } }, "none"],
])("%s %j → %s", (type, configs, expected) => {
  expect(errorOf(() => change(type, configs))).toContain(expected);
});

test("members that are left out stay, and an empty prefix clears it", () => {
  const first = change(delivery, oss({ Enabled: true, BucketName: "bucket", Prefix: "logs" }));
  const second = change(delivery, { ...oss({ Prefix: "" }), ...usage({ CpuLimit: 50 }) }, first);
  const answer = describeSettings(second, ["InvocationDelivery", "AgentUpgradeConfig"]);
  expect(answer.OssDeliveryConfigs?.OssDeliveryConfig).toEqual([
    { DeliveryType: "Invocation", Enabled: true, BucketName: "bucket", Prefix: "", EncryptionType: "Inherit" },
  ]);
  expect(answer.ResourceUsageConfig).toMatchObject({ CpuLimit: 50, MemoryLimit: "50MB" });
});

test("what is not set is as documented by default, and only what is asked for is answered", () => {
  const types = parseInput(DescribeCloudAssistantSettingsInput, {
    RegionId: "r",
    SettingType: ["AgentUpgradeConfig", "AgentUpgradeConfig"],
  }).SettingType;
  expect(describeSettings({}, types)).toEqual({
    AgentUpgradeConfig: {
      Enabled: false,
      AllowedUpgradeWindows: { AllowedUpgradeWindow: [] },
      TimeZone: "UTC",
      BootstrapUpgrade: true,
      DisableUpgrade: false,
    },
    ResourceUsageConfig: {
      CpuLimit: 20,
      MemoryLimit: "50MB",
      OverloadLimit: 3,
      LogFileCountLimit: 30,
      LogSizeLimit: "100MB",
      KeepScriptFile: false,
    },
  });
  for (const SettingType of [undefined, [], ["x"]])
    expect(errorOf(() => parseInput(DescribeCloudAssistantSettingsInput, { RegionId: "r", SettingType }))).toContain(
      "InvalidParameter.SettingType",
    );
});

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

test("a window lasts from its begin to its end, over midnight too", () => {
  const minute = fc.integer({ min: 0, max: 1439 });
  fc.assert(
    fc.property(minute, minute, (from, to) => {
      const window = `${clock(from)}-${clock(to)}`;
      expect(isUpgradeWindow(window)).toBe(true);
      expect((from + windowMinutes(window)) % 1440).toBe(to);
    }),
  );
  for (const wrong of ["24:00-01:00", "01:00-24:01", "01:60-03:00", "01:00", "01:00-02:00 "])
    expect([wrong, isUpgradeWindow(wrong)]).toEqual([wrong, false]);
});
