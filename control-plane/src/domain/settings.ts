import type {
  AgentUpgradeConfig,
  DescribeCloudAssistantSettingsAnswer,
  ModifyCloudAssistantSettingsInput,
  OssDeliveryConfig,
  ResourceUsageConfig,
  SessionManagerConfig,
  SettingType,
  SlsDeliveryConfig,
} from "@cloud-assistant/shared/api/settings";
import { ApiError } from "@cloud-assistant/shared/errors";

/** What a region has set; what is absent is as documented by default. One row each in the store. */
export type Settings = {
  readonly SessionManagerDelivery?: Delivery;
  readonly InvocationDelivery?: Delivery;
  readonly AgentUpgradeConfig?: AgentUpgradeConfig;
  readonly ResourceUsageConfig?: ResourceUsageConfig;
  readonly SessionManagerConfig?: SessionManagerConfig;
};
type Delivery = { readonly Oss?: OssDeliveryConfig; readonly Sls?: SlsDeliveryConfig };

/**
 * What the settings are after a call; members that a call leaves out stay as they were.
 * @throws {ApiError} the documented error of a combination that cannot be
 */
export function changeSettings(settings: Settings, input: ModifyCloudAssistantSettingsInput): Settings {
  const usage = input.ResourceUsageConfig && {
    ResourceUsageConfig: { ...settings.ResourceUsageConfig, ...input.ResourceUsageConfig },
  };
  const group = changeGroup(settings, input);
  if (!usage && !group) throw new ApiError("MissingParameter", { values: [missing(input.SettingType)] });
  return { ...settings, ...group, ...usage };
}

function changeGroup(settings: Settings, input: ModifyCloudAssistantSettingsInput): Settings | undefined {
  const { SettingType: type } = input;
  switch (type) {
    case "SessionManagerDelivery":
    case "InvocationDelivery": {
      const was = settings[type];
      if (!input.OssDeliveryConfig && !input.SlsDeliveryConfig) return undefined;
      return {
        [type]: checkDelivery(type, {
          Oss: { ...was?.Oss, ...input.OssDeliveryConfig },
          Sls: { ...was?.Sls, ...input.SlsDeliveryConfig },
        }),
      };
    }
    case "AgentUpgradeConfig":
      return (
        input.AgentUpgradeConfig && {
          AgentUpgradeConfig: checkUpgrade({ ...settings.AgentUpgradeConfig, ...input.AgentUpgradeConfig }),
        }
      );
    case "SessionManagerConfig":
      return (
        input.SessionManagerConfig && {
          SessionManagerConfig: { ...settings.SessionManagerConfig, ...input.SessionManagerConfig },
        }
      );
  }
}

function missing(type: SettingType): string {
  return type === "SessionManagerDelivery" || type === "InvocationDelivery" ? "OssDeliveryConfig" : type;
}

function checkDelivery(type: SettingType, { Oss = {}, Sls = {} }: Delivery): Delivery {
  // terminal sessions are not there yet, and a record of them that is never written must not be believed in
  if (type === "SessionManagerDelivery" && (Oss.Enabled || Sls.Enabled))
    throw new ApiError("InvalidOperation.SessionManagerDeliveryUnsupported");
  if (Oss.Enabled && !Oss.BucketName) throw new ApiError("InvalidParameter.OssBucketName");
  if (Sls.Enabled && !Sls.ProjectName) throw new ApiError("InvalidParameter.SlsProjectName");
  if (Sls.Enabled && !Sls.LogstoreName) throw new ApiError("InvalidParameter.SlsLogstoreName");
  if (Sls.Enabled) throw new ApiError("InvalidSlsProjectName.NotFound"); // there is no Log Service here
  if (Oss.EncryptionType === "KMS" && !Oss.EncryptionKeyId) throw new ApiError("InvalidParameter.OssEncryptionKeyId");
  // a method that is not ours to choose, or a key for a method that takes none
  const inherited = Oss.EncryptionType === undefined || Oss.EncryptionType === "Inherit";
  const excess = (inherited && Oss.EncryptionAlgorithm) || (Oss.EncryptionType !== "KMS" && Oss.EncryptionKeyId);
  if (excess) throw new ApiError("InvalidOperation.OssEncryptionUnsupported");
  return { Oss, Sls };
}

function checkUpgrade(config: AgentUpgradeConfig): AgentUpgradeConfig {
  if (config.Enabled && !config.AllowedUpgradeWindow?.length)
    throw new ApiError("InvalidAllowedUpgradeWindow.Required");
  return config;
}

/** The groups that are asked for, with the documented defaults; the agent's limits come with its upgrade settings. */
export function describeSettings(
  settings: Settings,
  types: readonly SettingType[],
): DescribeCloudAssistantSettingsAnswer {
  const deliveries = (["SessionManagerDelivery", "InvocationDelivery"] as const).filter((type) => types.includes(type));
  return {
    ...(deliveries.length > 0 && {
      OssDeliveryConfigs: {
        OssDeliveryConfig: deliveries.map((type) => ({ DeliveryType: typeOf(type), ...toOss(settings[type]?.Oss) })),
      },
      SlsDeliveryConfigs: {
        SlsDeliveryConfig: deliveries.map((type) => ({ DeliveryType: typeOf(type), ...toSls(settings[type]?.Sls) })),
      },
    }),
    ...(types.includes("AgentUpgradeConfig") && {
      AgentUpgradeConfig: toUpgrade(settings.AgentUpgradeConfig),
      ResourceUsageConfig: toUsage(settings.ResourceUsageConfig),
    }),
    ...(types.includes("SessionManagerConfig") && {
      SessionManagerConfig: { SessionManagerEnabled: settings.SessionManagerConfig?.SessionManagerEnabled ?? false },
    }),
  };
}

function typeOf(type: "SessionManagerDelivery" | "InvocationDelivery"): "SessionManager" | "Invocation" {
  return type === "SessionManagerDelivery" ? "SessionManager" : "Invocation";
}

function toOss({
  Enabled = false,
  BucketName = "",
  Prefix = "",
  EncryptionType = "Inherit",
  ...encryption
}: OssDeliveryConfig = {}) {
  return { Enabled, BucketName, Prefix, EncryptionType, ...encryption };
}

function toSls({ Enabled = false, ProjectName = "", LogstoreName = "" }: SlsDeliveryConfig = {}) {
  return { Enabled, ProjectName, LogstoreName };
}

function toUpgrade({
  Enabled = false,
  AllowedUpgradeWindow = [],
  TimeZone = "UTC",
  BootstrapUpgrade = true,
  DisableUpgrade = false,
}: AgentUpgradeConfig = {}) {
  return { Enabled, AllowedUpgradeWindows: { AllowedUpgradeWindow }, TimeZone, BootstrapUpgrade, DisableUpgrade };
}

function toUsage(given: ResourceUsageConfig = {}): Required<ResourceUsageConfig> {
  const {
    CpuLimit = 20,
    MemoryLimit = "50MB",
    OverloadLimit = 3,
    LogFileCountLimit = 30,
    LogSizeLimit = "100MB",
    KeepScriptFile = false,
  } = given;
  return { CpuLimit, MemoryLimit, OverloadLimit, LogFileCountLimit, LogSizeLimit, KeepScriptFile };
}
