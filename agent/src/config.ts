import { GRACE_MS, SPOOL_MAX_BYTES } from "@cloud-assistant/shared/limits";
import * as z from "zod";
import { LOG_LEVELS } from "./log.ts";

/** A setting that cannot be used; the message says which, from where and what is wanted. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export type FieldFacts = { readonly unit: string; readonly default: unknown; readonly reason: string };

function field<T extends z.ZodType>(schema: T, unit: string, byDefault: z.input<T>, reason: string) {
  return schema.prefault(byDefault as never).meta({ unit, default: byDefault, reason });
}
const whole = (from: number, to: number) => z.coerce.number().int().min(from).max(to);

/** Every setting of an agent, with its unit, default and the reason for it. Who it is and whom it obeys is `identity.json`. */
export const ConfigSchema = z.object({
  stateDir: field(
    z.string().startsWith("/", "wanted: an absolute path"),
    "directory",
    "/var/lib/cloud-assistant-agent",
    "Identity, ledger and spool of this host. Not below the control plane's directory, through which a script's user cannot pass.",
  ),
  graceMs: field(
    whole(0, 3_600_000),
    "milliseconds",
    GRACE_MS,
    "Between SIGTERM and SIGKILL; time for a script to clean up, short enough that a timeout means something.",
  ),
  spoolMaxBytes: field(
    whole(65_536, 2 ** 40),
    "bytes per run",
    SPOOL_MAX_BYTES,
    "An endless printer must not fill the host's disk.",
  ),
  logLevel: field(z.enum(LOG_LEVELS), "level", "info", "One line per change of state."),
});
export type Config = Readonly<z.infer<typeof ConfigSchema>>;

export const ENV_PREFIX = "CLOUD_ASSISTANT_AGENT_";

export type ConfigSources = {
  /** By field name; undefined ones are as if absent. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** Only names with `ENV_PREFIX` are looked at: `CLOUD_ASSISTANT_AGENT_STATE_DIR` is `stateDir`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The parsed configuration file; undefined: none. */
  readonly file: unknown;
};

/**
 * Flags before environment before file before defaults.
 * @throws {ConfigError} for an unknown name or a value that does not fit.
 */
export function loadConfig({ flags, env, file }: ConfigSources): Config {
  const sources = [
    ["the configuration file", fileFields(file)],
    ["the environment", envFields(env)],
    ["the command line", flags],
  ] as const;
  const values: Record<string, unknown> = {};
  const origin: Record<string, string> = {};
  for (const [from, fields] of sources) {
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      if (!Object.hasOwn(ConfigSchema.shape, name)) {
        throw new ConfigError(
          `unknown setting ${name} in ${from}; there are ${Object.keys(ConfigSchema.shape).join(", ")}`,
        );
      }
      values[name] = value;
      origin[name] = from;
    }
  }
  const parsed = ConfigSchema.safeParse(values);
  if (parsed.success) return Object.freeze(parsed.data);
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0]);
  throw new ConfigError(`${name} in ${origin[name]} is not right: ${issue?.message}`);
}

function fileFields(file: unknown): Record<string, unknown> {
  if (file === undefined) return {};
  const fields = z.record(z.string(), z.unknown()).safeParse(file);
  if (!fields.success) throw new ConfigError("the configuration file is not a JSON object");
  return fields.data;
}

/** `CLOUD_ASSISTANT_AGENT_STATE_DIR` → `stateDir` */
function envFields(env: ConfigSources["env"]): Record<string, unknown> {
  const ours = Object.entries(env).filter(([name]) => name.startsWith(ENV_PREFIX));
  return Object.fromEntries(
    ours.map(([name, value]) => [
      name
        .slice(ENV_PREFIX.length)
        .toLowerCase()
        .replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
