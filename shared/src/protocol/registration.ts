import * as z from "zod";
import { ActivationId, InstanceId } from "../vocabulary.ts";
import { Ed25519Signature, HostFacts, Nonce } from "./frames.ts";

/**
 * Registration over plain HTTP requests, safe on a plain network once the fingerprint was compared:
 *
 * 1. agent → `POST SERVER_KEY_PATH` {nonce}: the server answers with its public key and a signature over that nonce and
 *    a nonce of its own. The agent compares the key's fingerprint with `--server-key` before anything else is said.
 * 2. agent → `POST REGISTER_PATH` {payload, proof}: the proof is HMAC-SHA256 keyed by the activation code, so the code
 *    itself never travels and nobody between can put another public key into the payload.
 * 3. the server answers {payload, signature}, signed by the key that was compared.
 *
 * The same payload keys registered again with the same activation get the same instance, so a lost answer costs nothing.
 */
export const SERVER_KEY_PATH = "/agent/v1/server-key";
export const REGISTER_PATH = "/agent/v1/register";

/** An Ed25519 or X25519 public key: 32 raw bytes in Base64. */
export const PublicKey = z.base64().length(44);

export const ServerKeyRequest = z.object({ nonce: Nonce });
/** `signature` is over the exact bytes of `payload`. */
export const ServerKeyAnswer = z.object({ payload: z.string().max(4096), signature: Ed25519Signature });
export const ServerKeyPayload = z.object({ publicKey: PublicKey, agentNonce: Nonce, serverNonce: Nonce });

export const RegisterPayload = z.object({
  serverNonce: Nonce,
  activationId: ActivationId,
  /** Ed25519, for proof. */
  publicKey: PublicKey,
  /** X25519, for secrets sealed to this host. */
  sealKey: PublicKey,
  host: HostFacts,
  instanceName: z
    .string()
    .min(2)
    .max(50)
    .regex(/^[A-Za-z][A-Za-z0-9._:-]*$/)
    .optional(),
  tags: z.array(z.object({ key: z.string().min(1).max(64), value: z.string().max(128) })).max(20),
});
export type RegisterPayload = z.infer<typeof RegisterPayload>;
/** `proof` is HMAC-SHA256(activation code, payload) in Base64. */
export const RegisterRequest = z.object({ payload: z.string().max(16_384), proof: z.base64().length(44) });

export const RegisterAnswer = z.object({ payload: z.string().max(4096), signature: Ed25519Signature });
export const RegisterAnswerPayload = z.object({ instanceId: InstanceId, publicKey: PublicKey, serverNonce: Nonce });
