import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import type { KeyObject } from "node:crypto";
import { signedText, type SigningContext } from "@cloud-assistant/shared/protocol/contexts";

/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 raw bytes (RFC 8410). */
const ED25519_SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** A private key as PKCS #8 DER in Base64. */
export type PrivateKeyText = string;

export function makePrivateKey(type: "ed25519" | "x25519"): PrivateKeyText {
  const { privateKey } = type === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("x25519");
  return privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");
}

/** @throws {Error} when the text is not a private key. */
export function openPrivateKey(text: PrivateKeyText): KeyObject {
  return createPrivateKey({ key: Buffer.from(text, "base64"), type: "pkcs8", format: "der" });
}

/** The 32 raw bytes of the public half, in Base64. */
export function publicKeyOf(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
}

export function openEd25519PublicKey(raw: string): KeyObject {
  return createPublicKey({
    key: Buffer.concat([ED25519_SPKI_PREFIX, Buffer.from(raw, "base64")]),
    type: "spki",
    format: "der",
  });
}

/** What an operator compares: `sha256:` and the hex of SHA-256 over the 32 raw bytes. */
export function fingerprintOf(rawPublicKey: string): string {
  return `sha256:${createHash("sha256").update(Buffer.from(rawPublicKey, "base64")).digest("hex")}`;
}

export function signText(key: KeyObject, context: SigningContext, payload: string): string {
  return sign(null, Buffer.from(signedText(context, payload)), key).toString("base64");
}

export function isSignedBy(key: KeyObject, context: SigningContext, payload: string, signature: string): boolean {
  return verify(null, Buffer.from(signedText(context, payload)), key, Buffer.from(signature, "base64"));
}

/** Shows that the sender knows the activation code without saying it. */
export function proveActivationCode(activationCode: string, payload: string): string {
  return createHmac("sha256", activationCode).update(payload).digest("base64");
}

export function makeNonce(): string {
  return randomBytes(32).toString("base64");
}

/** Compares two texts in a time that does not tell where they differ. */
export function isSameText(a: string, b: string): boolean {
  const [bytesA, bytesB] = [Buffer.from(a), Buffer.from(b)];
  return bytesA.length === bytesB.length && timingSafeEqual(bytesA, bytesB);
}
