import { FixedOffsetZone, IANAZone } from "luxon";
import * as z from "zod";
import type { ApiErrorCode } from "../errors.ts";
import { code, parseJson, required, type Told } from "./fields.ts";
import { isUpgradeWindow, windowMinutes } from "./upgrade-window.ts";

export const SETTING_TYPES = [
  "SessionManagerDelivery",
  "InvocationDelivery",
  "AgentUpgradeConfig",
  "SessionManagerConfig",
] as const;
export type SettingType = (typeof SETTING_TYPES)[number];

const MAX_WINDOWS = 5;
const MIN_WINDOW_MINUTES = 60;

/** One parameter that holds a JSON object; undefined members count as absent. */
const config = <T extends z.ZodObject>(name: string, schema: T) =>
  z
    .string(code("InvalidParameter"))
    .optional()
    .transform((given, context): z.infer<T> | undefined => {
      if (given === undefined || given === "") return undefined;
      const parsed = schema.safeParse(parseJson(given));
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      const values = [[name, ...(issue?.path ?? [])].join(".")];
      context.issues.push({
        code: "custom",
        message: issue?.message ?? "InvalidParameter",
        input: given,
        params: { values },
      });
      return undefined;
    })
    .meta({
      takes: `JSON object of ${Object.keys(schema.shape)
        .map((member) => `\`${member}\``)
        .join(", ")}`,
    } satisfies Told);

/** JSON booleans, and the texts of them that clients without types send. */
const flag = z
  .union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")], code("InvalidParameter"))
  .optional();
const whole = (min: number, max: number) => {
  const number = z.number(code("InvalidParameter")).int(code("InvalidParameter")).min(min, code("InvalidParameter"));
  return z
    .union(
      [
        number.max(max, code("InvalidParameter")),
        z
          .string()
          .regex(/^\d{1,9}$/)
          .transform(Number)
          .pipe(number.max(max)),
      ],
      code("InvalidParameter"),
    )
    .optional();
};
const text = (invalid: ApiErrorCode, pattern: RegExp) => z.string(invalid).regex(pattern, invalid).optional();
/** `50MB`, within the bounds. */
const size = (min: number, max: number) =>
  z
    .string(code("InvalidParameter"))
    .regex(/^\d{1,5}MB$/i, code("InvalidParameter"))
    .refine((given) => Number.parseInt(given, 10) >= min && Number.parseInt(given, 10) <= max, code("InvalidParameter"))
    .optional();

/** Bucket names: 3-63 lower-case letters, digits, hyphens. */
const OssDeliveryConfig = z.object(
  {
    Enabled: flag,
    BucketName: text("InvalidParameter.OssBucketName", /^(?:[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9])?$/),
    /** Empty clears it. */
    Prefix: text("InvalidParameter.OssPrefix", /^(?![/\\])[^\u0000-\u001f]{0,254}$/), // oxlint-disable-line no-control-regex -- they are what is refused
    EncryptionType: z.enum(["Inherit", "OssManaged", "KMS"], code("InvalidParameter.OssEncryptionType")).optional(),
    EncryptionAlgorithm: z.enum(["AES256", "SM4"], code("InvalidParameter.OssEncryptionAlgorithm")).optional(),
    EncryptionKeyId: text("InvalidParameter.OssEncryptionKeyId", /^[0-9A-Za-z-]{0,64}$/),
  },
  code("InvalidParameter"),
);
export type OssDeliveryConfig = z.infer<typeof OssDeliveryConfig>;

const SlsDeliveryConfig = z.object(
  {
    Enabled: flag,
    ProjectName: text("InvalidParameter.SlsProjectName", /^(?:[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9])?$/),
    LogstoreName: text("InvalidParameter.SlsLogstoreName", /^(?:[a-z0-9](?:[a-z0-9_-]{1,61})[a-z0-9])?$/),
  },
  code("InvalidParameter"),
);
export type SlsDeliveryConfig = z.infer<typeof SlsDeliveryConfig>;

const windows = z
  .array(z.string(code("InvalidParameter.AllowedUpgradeWindow")), code("InvalidParameter.AllowedUpgradeWindow"))
  .refine((given) => given.length <= MAX_WINDOWS, code("InvalidAllowedUpgradeWindow.CountLimitExceeded"))
  .refine((given) => given.every(isUpgradeWindow), code("InvalidParameter.AllowedUpgradeWindow"))
  .refine(
    (given) => !given.every(isUpgradeWindow) || given.every((window) => windowMinutes(window) >= MIN_WINDOW_MINUTES),
    code("InvalidAllowedUpgradeWindow.DurationTooShort"),
  )
  .optional();

const AgentUpgradeConfig = z.object(
  {
    Enabled: flag,
    AllowedUpgradeWindow: windows,
    TimeZone: z.string(code("InvalidParameter.TimeZone")).refine(isZone, code("InvalidParameter.TimeZone")).optional(),
    BootstrapUpgrade: flag,
    DisableUpgrade: flag,
  },
  code("InvalidParameter"),
);
export type AgentUpgradeConfig = z.infer<typeof AgentUpgradeConfig>;

const ResourceUsageConfig = z.object(
  {
    CpuLimit: whole(10, 95),
    MemoryLimit: size(35, 1024),
    OverloadLimit: whole(3, Number.MAX_SAFE_INTEGER),
    LogFileCountLimit: whole(7, 365),
    LogSizeLimit: size(10, 1024),
    KeepScriptFile: flag,
  },
  code("InvalidParameter"),
);
export type ResourceUsageConfig = z.infer<typeof ResourceUsageConfig>;

const SessionManagerConfig = z.object({ SessionManagerEnabled: flag }, code("InvalidParameter"));
export type SessionManagerConfig = z.infer<typeof SessionManagerConfig>;

export const ModifyCloudAssistantSettingsInput = z.object({
  RegionId: required(),
  SettingType: required().pipe(z.enum(SETTING_TYPES, code("InvalidParameter.SettingType"))),
  OssDeliveryConfig: config("OssDeliveryConfig", OssDeliveryConfig),
  SlsDeliveryConfig: config("SlsDeliveryConfig", SlsDeliveryConfig),
  AgentUpgradeConfig: config("AgentUpgradeConfig", AgentUpgradeConfig),
  SessionManagerConfig: config("SessionManagerConfig", SessionManagerConfig),
  /** Has no SettingType of its own; it is taken with any. */
  ResourceUsageConfig: config("ResourceUsageConfig", ResourceUsageConfig),
});
export type ModifyCloudAssistantSettingsInput = z.infer<typeof ModifyCloudAssistantSettingsInput>;

export const DescribeCloudAssistantSettingsInput = z.object({
  RegionId: required(),
  SettingType: z
    .array(z.enum(SETTING_TYPES, code("InvalidParameter.SettingType")), code("InvalidParameter.SettingType"))
    .default([])
    .refine((given) => given.length > 0, code("InvalidParameter.SettingType"))
    .transform((given) => [...new Set(given)]),
});

export type OssDeliveryAnswer = Required<
  Pick<OssDeliveryConfig, "Enabled" | "BucketName" | "Prefix" | "EncryptionType">
> &
  Pick<OssDeliveryConfig, "EncryptionAlgorithm" | "EncryptionKeyId"> & {
    readonly DeliveryType: "SessionManager" | "Invocation";
  };
export type SlsDeliveryAnswer = Required<SlsDeliveryConfig> & {
  readonly DeliveryType: "SessionManager" | "Invocation";
};

/** Only the groups that were asked for. */
export type DescribeCloudAssistantSettingsAnswer = {
  readonly OssDeliveryConfigs?: { readonly OssDeliveryConfig: readonly OssDeliveryAnswer[] };
  readonly SlsDeliveryConfigs?: { readonly SlsDeliveryConfig: readonly SlsDeliveryAnswer[] };
  readonly AgentUpgradeConfig?: Required<Omit<AgentUpgradeConfig, "AllowedUpgradeWindow">> & {
    readonly AllowedUpgradeWindows: { readonly AllowedUpgradeWindow: readonly string[] };
  };
  readonly ResourceUsageConfig?: Required<ResourceUsageConfig>;
  readonly SessionManagerConfig?: Required<SessionManagerConfig>;
};

/** An IANA name, or an offset such as `UTC+8` or `GMT+8:00`. */
function isZone(zone: string): boolean {
  return IANAZone.isValidZone(zone) || FixedOffsetZone.parseSpecifier(zone.replace(/^GMT(?=[+-])/, "UTC")) !== null;
}
