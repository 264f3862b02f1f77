import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

export type Credentials = { readonly endpoint: string; readonly accessKeyId: string; readonly accessKeySecret: string; readonly securityToken?: string };
export type CredentialOptions = { readonly endpoint?: string; readonly dataDir?: string; readonly profile?: string };

const ControlPlaneFile = z.object({ endpoint: z.string(), keyFingerprint: z.string() });
const RootKeyFile = z.object({ AccessKeyId: z.string(), AccessKeySecret: z.string() });
const Profiles = z.record(z.string(), z.object({ endpoint: z.string(), accessKeyId: z.string(), accessKeySecret: z.string(), securityToken: z.string().optional() }));

export const DEFAULT_DATA_DIR = "/var/lib/cloud-assistant/control-plane";

/**
 * Flags before environment before profile; `--data-dir` finds both on the control plane's own machine.
 * @throws {Error} saying what to set when something is missing.
 */
export function findCredentials(options: CredentialOptions, env: NodeJS.ProcessEnv): Credentials {
  const local = options.dataDir === undefined ? undefined : readDataDir(options.dataDir);
  const profile = options.profile === undefined ? undefined : readProfile(options.profile);
  const fallback = existsSync(join(DEFAULT_DATA_DIR, "control-plane.json")) ? readDataDir(DEFAULT_DATA_DIR) : undefined;
  const endpoint = options.endpoint ?? local?.endpoint ?? env["CLOUD_ASSISTANT_ENDPOINT"] ?? profile?.endpoint ?? fallback?.endpoint;
  const fromEnv = env["ALIBABA_CLOUD_ACCESS_KEY_ID"]
    ? { accessKeyId: env["ALIBABA_CLOUD_ACCESS_KEY_ID"], accessKeySecret: env["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] ?? "", ...token(env["ALIBABA_CLOUD_SECURITY_TOKEN"]) }
    : undefined;
  const key = local ?? fromEnv ?? profile ?? fallback;
  if (!endpoint) throw new Error("no control plane is known: set CLOUD_ASSISTANT_ENDPOINT=http://HOST:PORT, or give --endpoint, --profile, or --data-dir on its own machine");
  if (!key) throw new Error("no access key is known: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or give --profile, or --data-dir on the control plane's own machine");
  const { accessKeyId, accessKeySecret } = key;
  return { endpoint, accessKeyId, accessKeySecret, ...("securityToken" in key ? token(key.securityToken) : {}) };
}

/** What a control plane on this machine wrote of itself. */
export function readControlPlaneFile(dataDir: string): z.infer<typeof ControlPlaneFile> {
  const path = join(dataDir, "control-plane.json");
  if (!existsSync(path)) throw new Error(`no control plane is running on ${dataDir} (there is no ${path}): start it with \`cloud-assistant server --data-dir ${dataDir}\``);
  return ControlPlaneFile.parse(JSON.parse(readFileSync(path, "utf8")));
}

function readDataDir(dataDir: string): Credentials {
  const { endpoint } = readControlPlaneFile(dataDir);
  const { AccessKeyId, AccessKeySecret } = RootKeyFile.parse(JSON.parse(readFileSync(join(dataDir, "root-access-key.json"), "utf8")));
  return { endpoint, accessKeyId: AccessKeyId, accessKeySecret: AccessKeySecret };
}

function readProfile(name: string): z.infer<typeof Profiles>[string] {
  const path = join(homedir(), ".config", "cloud-assistant", "profiles.json");
  if (!existsSync(path)) throw new Error(`there is no ${path}; it holds {"${name}":{"endpoint","accessKeyId","accessKeySecret"}}`);
  if (statSync(path).mode & 0o077) throw new Error(`${path} can be read by others: chmod 600 it, and change the keys in it if somebody did`);
  const profile = Profiles.parse(JSON.parse(readFileSync(path, "utf8")))[name];
  if (!profile) throw new Error(`${path} has no profile ${name}`);
  return profile;
}

function token(securityToken: string | undefined): { securityToken?: string } {
  return securityToken ? { securityToken } : {};
}
