import * as z from "zod";
import { InstanceId } from "../vocabulary.ts";

/**
 * Values that only the hosts of an order may read. They are encrypted once, with a key of the order's own; that key is
 * sealed to each host's X25519 key, which the host made at its registration and whose private half never left it.
 *
 * The box is AES-256-GCM over the JSON of `SecretValues`: nonce (12 bytes), ciphertext, tag (16). Of a host's seal: the
 * ephemeral X25519 public key (32 bytes), then the box's key (32) and a tag (16) under AES-256-GCM, whose key and nonce are
 * HKDF-SHA256(shared secret; salt = ephemeral and host's public key; info = `sealInfo`, 44 bytes). Box and seal are bound to
 * the invocation, the seal to its host too, so that neither can be moved into another order.
 */
export const SealedValues = z.object({
  box: z.base64().max(128 * 1024),
  /** By instance. A host whose key cannot be used has none, and says so. */
  seals: z.record(InstanceId, z.base64().length(108)),
});
export type SealedValues = z.infer<typeof SealedValues>;

/** `oos:NAME` or `oos-secret:NAME` as in the content, and `PASSWORD` where a Windows user's password is needed. */
export const SecretValues = z.record(
  z
    .string()
    .max(300)
    .regex(/^(?:oos:|oos-secret:|windows-password$)/),
  z.string(),
);
export type SecretValues = z.infer<typeof SecretValues>;

/** No reference is spelled so. */
export const PASSWORD = "windows-password";

/** What the box is bound to (additional authenticated data). */
export function boxContext(invokeId: string): string {
  return `cloud-assistant box 1\n${invokeId}`;
}

export function sealInfo(invokeId: string, instanceId: string): string {
  return `cloud-assistant seal 1\n${invokeId}\n${instanceId}`;
}
