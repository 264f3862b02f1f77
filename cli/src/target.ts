import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { CliFailure } from "./failure.ts";
import { readSecretFile } from "./private-file.ts";
import type { AccessKey } from "./signature.ts";

/** Which control plane, and as whom. */
export type Target = AccessKey & { readonly endpoint: string; readonly regionId: string };

export type TargetFlags = {
  readonly endpoint?: string | undefined;
  readonly profile?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly region?: string | undefined;
};

export type Environment = Readonly<Record<string, string | undefined>>;

export const DEFAULT_DATA_DIR = "/var/lib/cloud-assistant/control-plane";
/** The first of the regions a control plane has by default. */
const DEFAULT_REGION = "cn-hangzhou";

type Found = AccessKey & { readonly endpoint?: string | undefined; readonly regionId?: string | undefined };

/**
 * The first of: `--data-dir`, `--profile`, the environment, the profile "default", the default data directory. Endpoint and
 * key always come from the same place (unless `--endpoint` says otherwise): a key is never used at an address it was not meant for.
 * @throws {CliFailure} which says what to set.
 */
export function resolveTarget(flags: TargetFlags, env: Environment): Target {
  const found = findAccess(flags, env);
  const endpoint = flags.endpoint ?? found.endpoint;
  if (!endpoint)
    throw new CliFailure(
      "the access key was found, but no address: set CLOUD_ASSISTANT_ENDPOINT or pass --endpoint http://HOST:PORT",
    );
  return {
    endpoint: checkEndpoint(endpoint),
    regionId: flags.region ?? found.regionId ?? DEFAULT_REGION,
    accessKeyId: found.accessKeyId,
    accessKeySecret: found.accessKeySecret,
    ...(found.securityToken && { securityToken: found.securityToken }),
  };
}

function findAccess(flags: TargetFlags, env: Environment): Found {
  if (flags.dataDir !== undefined) return readDataDir(flags.dataDir, flags.endpoint === undefined);
  if (flags.profile !== undefined) return readProfile(flags.profile, env) ?? unknownProfile(flags.profile, env);
  return (
    readEnvironment(env, flags.endpoint !== undefined) ??
    readProfile("default", env) ??
    (existsSync(join(DEFAULT_DATA_DIR, "control-plane.json")) ? readDataDir(DEFAULT_DATA_DIR, true) : undefined) ??
    nothingFound(env)
  );
}

const AccessKeyFile = z.object({ AccessKeyId: z.string().min(1), AccessKeySecret: z.string().min(1) });
export const ControlPlaneFile = z.object({ endpoint: z.url(), pid: z.int(), keyFingerprint: z.string() });

/** What a running control plane left in its data directory for tools on the same machine. */
export function readControlPlaneFile(dataDir: string): z.infer<typeof ControlPlaneFile> {
  const path = join(dataDir, "control-plane.json");
  if (!existsSync(path))
    throw new CliFailure(
      `there is no ${path}: no control plane runs with this data directory; start one with cloud-assistant server --data-dir ${dataDir}`,
    );
  return parseFile(path, readFileSync(path, "utf8"), ControlPlaneFile);
}

function readDataDir(dataDir: string, wantEndpoint: boolean): Found {
  const endpoint = wantEndpoint ? readControlPlaneFile(dataDir).endpoint : undefined;
  const path = join(dataDir, "root-access-key.json");
  const text = readSecretFile(path);
  if (text === undefined)
    throw new CliFailure(
      `${path} is missing: the root access key was moved away; set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET instead`,
    );
  const { AccessKeyId, AccessKeySecret } = parseFile(path, text, AccessKeyFile);
  return { endpoint, accessKeyId: AccessKeyId, accessKeySecret: AccessKeySecret };
}

const Profile = z.strictObject({
  endpoint: z.url().optional(),
  accessKeyId: z.string().min(1),
  accessKeySecret: z.string().min(1),
  securityToken: z.string().min(1).optional(),
  regionId: z.string().min(1).optional(),
});
const Profiles = z.record(z.string(), Profile);

export function profilesFile(env: Environment): string {
  return join(env["XDG_CONFIG_HOME"] || join(env["HOME"] || "/", ".config"), "cloud-assistant", "profiles.json");
}

function readProfile(name: string, env: Environment): Found | undefined {
  const path = profilesFile(env);
  const text = readSecretFile(path);
  if (text === undefined) return undefined;
  const profiles = parseFile(path, text, Profiles);
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (!profile) return undefined;
  const { securityToken, ...rest } = profile;
  return { ...rest, ...(securityToken && { securityToken }) };
}

function unknownProfile(name: string, env: Environment): never {
  throw new CliFailure(
    `there is no profile "${name}" in ${profilesFile(env)}; it wants {"${name}": {"endpoint": "http://HOST:PORT", "accessKeyId": "…", "accessKeySecret": "…"}}, mode 600`,
  );
}

/** A key without our endpoint beside it belongs to somebody else's cloud, unless the endpoint was given by hand. */
function readEnvironment(env: Environment, endpointGiven: boolean): Found | undefined {
  const names = ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"] as const;
  const [accessKeyId, accessKeySecret] = names.map((name) => env[name]);
  const endpoint = env["CLOUD_ASSISTANT_ENDPOINT"] || undefined;
  if (endpoint === undefined && !endpointGiven) return undefined;
  if (!accessKeyId || !accessKeySecret) {
    if (endpoint === undefined) return undefined;
    const missing = names.filter((name) => !env[name]).join(" and ");
    throw new CliFailure(
      `CLOUD_ASSISTANT_ENDPOINT is set, so the access key is wanted from the environment too: set ${missing}`,
    );
  }
  const securityToken = env["ALIBABA_CLOUD_SECURITY_TOKEN"];
  return {
    endpoint,
    accessKeyId,
    accessKeySecret,
    regionId: env["ALIBABA_CLOUD_REGION_ID"] || undefined,
    ...(securityToken && { securityToken }),
  };
}

function nothingFound(env: Environment): never {
  throw new CliFailure(
    [
      "no control plane and no access key to call it with. One of:",
      "  on the control plane's machine   --data-dir DIR (the one of cloud-assistant server)",
      "  environment                      CLOUD_ASSISTANT_ENDPOINT=http://HOST:PORT, ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET",
      `  profile                          "default" in ${profilesFile(env)}, or --profile NAME`,
    ].join("\n"),
  );
}

function checkEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (
    url &&
    (url.protocol === "http:" || url.protocol === "https:") &&
    url.pathname === "/" &&
    !url.search &&
    !url.username
  )
    return url.origin;
  throw new CliFailure(`"${endpoint}" is not an endpoint: it wants http://HOST:PORT or https://HOST:PORT`);
}

function parseFile<T>(path: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CliFailure(`${path} is not JSON`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CliFailure(
    `${path} is not as it should be: ${parsed.error.issues.map(({ path: at, message }) => `${at.join(".") || "it"}: ${message}`).join("; ")}`,
  );
}
