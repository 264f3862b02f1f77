import type { SigningContext } from "@cloud-assistant/shared/protocol/contexts";

/** The two secrets of a control plane, each in its own 0600 file beside, never inside, the database. */
export type Keys = {
  /** Ed25519 public key, 32 raw bytes in Base64; agents pin it. */
  readonly publicKey: string;
  /** `sha256:` + hex of the raw public key; what an operator compares at registration. */
  readonly fingerprint: string;
  sign: (context: SigningContext, payload: string) => string;
  /** AES-256-GCM under the master key, bound to `purpose` (another purpose does not open it). */
  seal: (purpose: string, plain: string) => Uint8Array;
  /** @throws {Error} when it was sealed under another key or for another purpose. */
  unseal: (purpose: string, sealed: Uint8Array) => string;
};
