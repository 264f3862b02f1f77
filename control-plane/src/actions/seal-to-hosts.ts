import {
  createCipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from "node:crypto";
import { boxContext, sealInfo, type SealedValues, type SecretValues } from "@cloud-assistant/shared/protocol/sealed";

type Host = { readonly instanceId: string; readonly sealKey: string };

/** Only these hosts can open it, and we cannot any more. See `shared/src/protocol/sealed.ts` for the form. */
export function sealToHosts(invokeId: string, values: SecretValues, hosts: readonly Host[]): SealedValues {
  const key = randomBytes(32);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(boxContext(invokeId)));
  const body = Buffer.concat([cipher.update(JSON.stringify(values), "utf8"), cipher.final()]);
  const seals = hosts.flatMap((host) => {
    const seal = sealKeyTo(invokeId, key, host);
    return seal ? [[host.instanceId, seal.toString("base64")] as const] : [];
  });
  return {
    box: Buffer.concat([nonce, body, cipher.getAuthTag()]).toString("base64"),
    seals: Object.fromEntries(seals),
  };
}

/** Undefined for a key with which no secret can be shared; the host that registered it says so when it gets the order. */
function sealKeyTo(invokeId: string, key: Buffer, { instanceId, sealKey }: Host): Buffer | undefined {
  const ephemeral = generateKeyPairSync("x25519");
  const ephemeralKey = rawKey(ephemeral.publicKey);
  const hostKey = Buffer.from(sealKey, "base64");
  let secret: Buffer;
  try {
    const publicKey = createPublicKey({
      key: { kty: "OKP", crv: "X25519", x: hostKey.toString("base64url") },
      format: "jwk",
    });
    secret = diffieHellman({ privateKey: ephemeral.privateKey, publicKey });
  } catch {
    return undefined; // not a point, or one of low order
  }
  const derived = Buffer.from(
    hkdfSync("sha256", secret, Buffer.concat([ephemeralKey, hostKey]), sealInfo(invokeId, instanceId), 44),
  );
  const cipher = createCipheriv("aes-256-gcm", derived.subarray(0, 32), derived.subarray(32));
  return Buffer.concat([ephemeralKey, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
}

function rawKey(publicKey: KeyObject): Buffer {
  return Buffer.from(String(publicKey.export({ format: "jwk" }).x), "base64url");
}
