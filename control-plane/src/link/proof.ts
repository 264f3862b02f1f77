import { createPublicKey, verify } from "node:crypto";
import { signedText } from "@cloud-assistant/shared/protocol/contexts";
import { CLOSE_CODES, HelloPayload, PROTOCOL_VERSION } from "@cloud-assistant/shared/protocol/frames";
import * as z from "zod";
import type { Instance } from "../store/store.ts";
import { parseJson } from "./json.ts";

export type Refusal = { readonly code: number; readonly reason: string };

/** Read first, and with less: another version's hello may look different in everything else. */
const Version = z.object({ protocol: z.int().min(1) });

export function readHello(payload: string): HelloPayload | Refusal {
  const json = parseJson(payload);
  const version = Version.safeParse(json);
  if (version.success && version.data.protocol !== PROTOCOL_VERSION) {
    return { code: CLOSE_CODES.badVersion, reason: `this control plane speaks protocol ${PROTOCOL_VERSION}` };
  }
  const hello = HelloPayload.safeParse(json);
  return hello.success ? hello.data : { code: CLOSE_CODES.badFrame, reason: "not a hello" };
}

/**
 * Whether the hello proves that its sender is the instance it says, on this connection, on the machine that registered.
 * @param nonce ours, of this connection's challenge
 */
export function judgeHello(
  { payload, signature }: { readonly payload: string; readonly signature: string },
  hello: HelloPayload,
  nonce: string,
  instance: Instance | undefined,
): Refusal | undefined {
  const unproven: Refusal = { code: CLOSE_CODES.unproven, reason: "not proven" }; // one answer for all: it tells a guesser nothing
  if (!instance || !isProof({ payload, signature }, hello, nonce, instance.publicKey)) return unproven;
  if (hello.host.fingerprint !== instance.host.fingerprint) {
    return {
      code: CLOSE_CODES.cloned,
      reason: "this identity was registered by another machine: register this one anew",
    };
  }
  return undefined;
}

/** Whether whoever has this key said this hello on the connection with this nonce. */
export function isProof(
  { payload, signature }: { readonly payload: string; readonly signature: string },
  { serverNonce }: HelloPayload,
  nonce: string,
  publicKey: string,
): boolean {
  return serverNonce === nonce && isSignedBy(publicKey, payload, signature);
}

function isSignedBy(publicKey: string, payload: string, signature: string): boolean {
  const x = Buffer.from(publicKey, "base64").toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, Buffer.from(signedText("hello", payload)), key, Buffer.from(signature, "base64"));
}
