import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, type Stats } from "node:fs";
import { join } from "node:path";
import { PublicKey } from "@cloud-assistant/shared/protocol/registration";
import { InstanceId, ActivationId } from "@cloud-assistant/shared/vocabulary";
import * as z from "zod";
import { replaceFile } from "./atomic-file.ts";
import { parseJson } from "./parse-json.ts";

const keys = {
  version: z.literal(1),
  /** `http(s)://host[:port][/path]`, without a slash at the end. */
  server: z.string(),
  /** The control plane's Ed25519 key, compared or trusted at registration and pinned since. */
  serverPublicKey: PublicKey,
  /** PEM file of the authority to trust for TLS; absent: the system's. */
  caFile: z.string().optional(),
  activationId: ActivationId,
  /** Ed25519, PKCS #8 DER in Base64: proof. */
  proofKey: z.base64(),
  /** X25519, the same: secrets sealed to this host. */
  sealKey: z.base64(),
};

/**
 * Who this host is. `pending` is written before the registration is asked for, so that after a crash or a lost answer the
 * same keys are sent again and the control plane answers with the same instance.
 */
export const StoredIdentity = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("pending"), ...keys }),
  z.strictObject({ status: z.literal("complete"), ...keys, instanceId: InstanceId }),
  /** The control plane took the host out of service; it may be registered anew. */
  z.strictObject({ status: z.literal("deregistered"), ...keys, instanceId: InstanceId }),
]);
export type StoredIdentity = z.infer<typeof StoredIdentity>;
export type PendingIdentity = Extract<StoredIdentity, { status: "pending" }>;
export type Identity = Extract<StoredIdentity, { status: "complete" }>;

/** An agent that cannot know who it is; the message says what to do. */
export class IdentityError extends Error {
  override readonly name = "IdentityError";
}

export function identityFile(stateDir: string): string {
  return join(stateDir, "identity.json");
}

/** @throws {IdentityError} when the file is readable by others or is not one of ours. */
export function readIdentity(stateDir: string): StoredIdentity | undefined {
  const path = identityFile(stateDir);
  if (!existsSync(path)) return undefined;
  refuseOpen(path, statSync(path), 0o077, "0600");
  const parsed = StoredIdentity.safeParse(parseJson(readFileSync(path, "utf8")));
  if (parsed.success) return parsed.data;
  throw new IdentityError(`${path} is damaged; move it away and register this host again`, { cause: parsed.error });
}

/** The identity of a registered host. @throws {IdentityError} when there is none. */
export function requireIdentity(stateDir: string): Identity {
  const identity = readIdentity(stateDir);
  if (identity?.status === "complete") return identity;
  throw new IdentityError(
    `the host of ${stateDir} has no identity: ${howToRegister(identity)} (cloud-assistant agent register --help)`,
  );
}

function howToRegister(identity: StoredIdentity | undefined): string {
  if (!identity) return "register it first";
  return identity.status === "deregistered"
    ? `it was ${identity.instanceId} of ${identity.server}, which deregistered it for good; register it again`
    : "its registration was not finished; run it again";
}

/** On disk and synced when it returns. */
export function writeIdentity(stateDir: string, identity: StoredIdentity): void {
  makeStateDir(stateDir);
  replaceFile(identityFile(stateDir), `${JSON.stringify(identity, undefined, 2)}\n`, { sync: true });
}

/**
 * Makes the state directory, mode 0711: a script's user passes through it to its own script and can list nothing. An empty
 * directory that is there already is taken over; one in use keeps its mode.
 * @throws {IdentityError} when others can write to it.
 */
export function makeStateDir(stateDir: string): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o711 });
  if (readdirSync(stateDir).length === 0) chmodSync(stateDir, 0o711);
  refuseOpen(stateDir, statSync(stateDir), 0o022, "0711");
}

function refuseOpen(path: string, { mode, uid }: Stats, forbidden: number, wanted: string): void {
  if (process.platform === "win32") return; // access there is by lists, which mode bits do not show
  if ((mode & forbidden) !== 0) {
    const octal = (mode & 0o777).toString(8).padStart(4, "0");
    throw new IdentityError(
      `${path} has mode ${octal}, open to other users; set it to ${wanted} if nobody else has touched it`,
    );
  }
  if (uid !== process.getuid?.() && process.getuid?.() !== 0) {
    throw new IdentityError(`${path} belongs to another user (uid ${uid}); run the agent as that user`);
  }
}
