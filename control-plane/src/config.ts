import * as z from "zod";
import {
  COMMAND_CONTENT_MAX_BASE64_BYTES,
  HEARTBEAT_MS,
  RESEND_MS,
  RUN_COMMAND_MAX_INSTANCES,
  SILENCE_MS,
  STORED_OUTPUT_MAX_BYTES,
} from "@cloud-assistant/shared/limits";
import { nearestName } from "./nearest-name.ts";
import { ListenAddress } from "./listen-address.ts";

export type FieldFacts = { readonly unit: string; readonly default: unknown; readonly reason: string };

function field<T extends z.ZodType>(schema: T, unit: string, byDefault: z.input<T>, reason: string) {
  return schema.prefault(byDefault as never).meta({ unit, default: byDefault, reason });
}
const whole = (from: number, to: number) => z.coerce.number().int().min(from).max(to);
const truth = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);
const list = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(",").map((part) => part.trim()))])
  .pipe(z.array(z.string().min(1)).min(1));

const places = z
  .union([
    z.array(z.string()),
    z.string().transform((text) =>
      text
        .split(",")
        .map((part) => part.trim())
        .filter(Boolean),
    ),
  ])
  .pipe(z.array(z.string().startsWith("oss://")));

const bucketStore = z.union(
  [z.literal(""), z.string().startsWith("/"), z.url({ protocol: /^https?$/ })],
  "must be an absolute path, or the address of an S3-compatible service",
);

/** Every setting of a control plane, with its unit, default and the reason for it; `docs/operations.md` tells the same. */
export const ConfigSchema = z.object({
  listen: field(
    ListenAddress,
    "HOST:PORT",
    "127.0.0.1:8080",
    "Reachable from this machine alone until somebody decides otherwise; port 0 picks a free one.",
  ),
  insecure: field(
    truth,
    "true or false",
    false,
    "Plain HTTP beyond this machine shows scripts and output to the network, so it must be asked for.",
  ),
  dataDir: field(
    z.string().min(1),
    "directory",
    "/var/lib/cloud-assistant/control-plane",
    "Database, keys and the root access key; private to the user it runs as.",
  ),
  regionIds: field(
    list,
    "region ids, by comma",
    ["cn-hangzhou"],
    "Clients insist on sending a region; any spelling will do, this is the one of the documentation.",
  ),
  resourceGroupIds: field(
    list,
    "resource group ids, by comma",
    ["rg-default"],
    "Groups that may be named; the first is the default one, where everything is that names none.",
  ),
  accountId: field(
    z.string().regex(/^\d{1,20}$/),
    "digits",
    "1000000000000001",
    "The account that owns everything; the original has 16 digits.",
  ),
  maxInstancesPerInvocation: field(
    whole(1, 1000),
    "instances",
    RUN_COMMAND_MAX_INSTANCES,
    "RunCommand documents 100; one order's signature covers up to 1000.",
  ),
  maxCommands: field(
    whole(1, 50_000),
    "commands per account and region",
    500,
    "RunCommand documents 500 to 50,000 kept commands.",
  ),
  maxContentBytes: field(
    whole(1024, 131_072),
    "bytes of a command's content as Base64",
    COMMAND_CONTENT_MAX_BASE64_BYTES,
    "RunCommand documents 24 KB; five times as much still fits into a URL and an order.",
  ),
  resultsMaxAgeDays: field(whole(1, 36_500), "days", 28, "The original keeps results for four weeks."),
  resultsMaxCount: field(
    whole(1, 1_000_000_000),
    "runs",
    1_000_000,
    "The original keeps 100,000; lists of a million stay as fast, and the disk is your own.",
  ),
  maxInvocationsPerDay: field(
    whole(1, 1_000_000_000),
    "invocations per account, region and day (UTC)",
    10_000_000,
    "The original has a quota it does not name; here it only brakes a client that went wild.",
  ),
  outputDeliveryTargets: field(
    places,
    "oss://bucket/prefix, by comma",
    [],
    "A caller may have output written to these places and below them; nowhere, until somebody decides otherwise.",
  ),
  outputDeliveryStore: field(
    bucketStore,
    "directory, or http(s)://HOST[:PORT]",
    "",
    "Where the buckets of outputDeliveryTargets are: below a directory, or at an S3-compatible service. Nobody else knows.",
  ),
  maxOpenActivations: field(
    whole(1, 100_000),
    "activations per account and region",
    10,
    "CreateActivation documents 10.",
  ),
  registrationsPerSecond: field(
    whole(1, 1_000_000),
    "requests per second and address",
    20,
    "A rack behind one address registers in seconds, a guesser stays slow.",
  ),
  parameterStore: field(
    truth,
    "true or false",
    true,
    "Where no secret may be kept, scripts must not refer to one either; false refuses both.",
  ),
  storedOutputMaxBytes: field(
    whole(65_536, 2 ** 40),
    "bytes per run",
    STORED_OUTPUT_MAX_BYTES,
    "One endless printer must not fill the disk for all.",
  ),
  heartbeatMs: field(whole(10, 3_600_000), "milliseconds", HEARTBEAT_MS, "Two pings fit into the silence."),
  silenceMs: field(
    whole(20, 3_600_000),
    "milliseconds",
    SILENCE_MS,
    "A half-open connection is noticed within 45 seconds.",
  ),
  resendMs: field(
    whole(10, 3_600_000),
    "milliseconds",
    RESEND_MS,
    "Longer than any round trip with a sync to disk in it.",
  ),
  admissionPerSecond: field(
    whole(1, 1_000_000),
    "connections per second",
    300,
    "A connection costs about 1 ms of CPU until it is welcomed, so a fleet that comes back together leaves two thirds of a core for the rest.",
  ),
  outcomeUnknownAfterMs: field(
    whole(0, 2 ** 40),
    "milliseconds",
    86_400_000,
    "After order expiry + Timeout + this, nobody is expected to tell the outcome any more; a host gets a day to come back.",
  ),
  logLevel: field(
    z.enum(["error", "warn", "info", "debug", "silent"]),
    "level",
    "info",
    "One line per change of state.",
  ),
});
export type Config = Readonly<z.infer<typeof ConfigSchema>>;

export const ENV_PREFIX = "CLOUD_ASSISTANT_SERVER_";

export type ConfigSources = {
  /** By field name; undefined ones are as if absent. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** Only names with `ENV_PREFIX` are looked at: `CLOUD_ASSISTANT_SERVER_DATA_DIR` is `dataDir`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The parsed configuration file. */
  readonly file: unknown;
};

/**
 * Flags before environment before file before defaults.
 * @throws {ConfigError} for an unknown name or a value that does not fit; the message says which, and from where.
 */
export function loadConfig({ flags, env, file }: ConfigSources): Config {
  const values: Record<string, unknown> = {};
  const origin: Record<string, string> = {};
  for (const [from, source] of [
    ["the configuration file", fileFields(file)],
    ["the environment", envFields(env)],
    ["the command line", flags],
  ] as const) {
    for (const [name, value] of Object.entries(source)) {
      if (value === undefined) continue;
      if (!Object.hasOwn(ConfigSchema.shape, name)) {
        throw new ConfigError(
          `unknown setting ${name} in ${from}: did you mean ${nearestName(name, Object.keys(ConfigSchema.shape))}?`,
        );
      }
      values[name] = value;
      origin[name] = from;
    }
  }
  const parsed = ConfigSchema.safeParse(values);
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues
        .map(({ path, message }) => `setting ${path.join(".")} from ${origin[String(path[0])]}: ${message}`)
        .join("\n"),
    );
  }
  if (parsed.data.silenceMs <= parsed.data.heartbeatMs)
    throw new ConfigError("silenceMs must be longer than heartbeatMs, or every host would be cut off");
  if (parsed.data.outputDeliveryTargets.length > 0 && parsed.data.outputDeliveryStore === "")
    throw new ConfigError("outputDeliveryTargets needs outputDeliveryStore, or nobody knows where these buckets are");
  Object.freeze(parsed.data.listen);
  Object.freeze(parsed.data.regionIds);
  Object.freeze(parsed.data.resourceGroupIds);
  Object.freeze(parsed.data.outputDeliveryTargets);
  return Object.freeze(parsed.data);
}

export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Unit, default and reason of every setting, for the documentation and `--help`. */
export function configFacts(): Record<string, FieldFacts> {
  return Object.fromEntries(
    Object.entries(ConfigSchema.shape).map(([name, schema]) => [name, schema.meta() as unknown as FieldFacts]),
  );
}

function fileFields(file: unknown): Record<string, unknown> {
  if (file === undefined) return {};
  if (typeof file !== "object" || file === null || Array.isArray(file))
    throw new ConfigError("the configuration file must hold one JSON object");
  return file as Record<string, unknown>;
}

function envFields(env: ConfigSources["env"]): Record<string, unknown> {
  const ours = Object.entries(env).filter(([name]) => name.startsWith(ENV_PREFIX));
  return Object.fromEntries(ours.map(([name, value]) => [camelCase(name.slice(ENV_PREFIX.length)), value]));
}

function camelCase(name: string): string {
  return name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
