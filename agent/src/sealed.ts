import { createDecipheriv, createPublicKey, diffieHellman, hkdfSync, type KeyObject } from "node:crypto";
import { boxContext, sealInfo, SecretValues, type SealedValues } from "@cloud-assistant/shared/protocol/sealed";
import { parseJson } from "./parse-json.ts";
import { publicKeyOf } from "./proof.ts";

const TAG_BYTES = 16;

/** Undefined when it was not sealed to this host's key, for this host and this invocation. */
export function openSealed(
  sealKey: KeyObject,
  { box, seals }: SealedValues,
  { invokeId, instanceId }: { invokeId: string; instanceId: string },
): SecretValues | undefined {
  const seal = Buffer.from(seals[instanceId] ?? "", "base64");
  const sealed = Buffer.from(box, "base64");
  try {
    const ephemeralKey = seal.subarray(0, 32);
    const publicKey = createPublicKey({
      key: { kty: "OKP", crv: "X25519", x: ephemeralKey.toString("base64url") },
      format: "jwk",
    });
    const salt = Buffer.concat([ephemeralKey, Buffer.from(publicKeyOf(sealKey), "base64")]);
    const derived = Buffer.from(
      hkdfSync("sha256", diffieHellman({ privateKey: sealKey, publicKey }), salt, sealInfo(invokeId, instanceId), 44),
    );
    const key = decrypt(derived.subarray(0, 32), derived.subarray(32), seal.subarray(32));
    const text = decrypt(key, sealed.subarray(0, 12), sealed.subarray(12), boxContext(invokeId));
    return SecretValues.safeParse(parseJson(text.toString("utf8"))).data;
  } catch {
    return undefined; // a wrong key, a moved or a damaged piece: all the same here
  }
}

/** @throws {Error} when it was encrypted with another key or for another context. */
function decrypt(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, context = ""): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES }).setAAD(
    Buffer.from(context),
  );
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()]);
}
