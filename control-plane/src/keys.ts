import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  sign,
} from "node:crypto";
import { join } from "node:path";
import { signedText, type SigningContext } from "@cloud-assistant/shared/protocol/contexts";
import * as z from "zod";
import { createPrivateFile, readPrivateFile } from "./private-file.ts";

/** The two secrets of a control plane, each in its own 0600 file beside, never inside, the database. */
export type Keys = {
  /** Ed25519 public key, 32 raw bytes in Base64; agents pin it. */
  readonly publicKey: string;
  /** `sha256:` + hex of the raw public key; what an operator compares at registration. */
  readonly fingerprint: string;
  sign: (context: SigningContext, payload: string) => string;
  /** HMAC-SHA256 in hex, for telling whether a text is the same without keeping what it could be guessed from. */
  mac: (purpose: string, text: string) => string;
  /** AES-256-GCM under the master key, bound to `purpose` (another purpose does not open it). */
  seal: (purpose: string, plain: string) => Uint8Array;
  /** @throws {Error} when it was sealed under another key or for another purpose. */
  unseal: (purpose: string, sealed: Uint8Array) => string;
};

/** JSON Web Keys: Ed25519 by RFC 8037, the 32-byte master key by RFC 7518 section 6.4. */
const SigningKey = z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: z.string(), d: z.string() });
const MasterKey = z.object({ kty: z.literal("oct"), k: z.base64url().length(43) });

/**
 * Reads both keys, or makes them at the first start.
 * @param databaseExists with a database there, missing keys are an accident: new ones would lock every agent and secret out.
 * @throws {Error} when a key file is missing beside a database, can be read by others, or makes no sense.
 */
export function openKeys(dataDir: string, databaseExists: boolean): Keys {
  const signing = openKey(join(dataDir, "signing-key.json"), SigningKey, databaseExists, () =>
    generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }),
  );
  const master = openKey(join(dataDir, "master-key.json"), MasterKey, databaseExists, () => ({
    kty: "oct",
    k: randomBytes(32).toString("base64url"),
  }));
  return makeKeys(signing, Buffer.from(master.k, "base64url"));
}

function openKey<T>(path: string, schema: z.ZodType<T>, mustExist: boolean, make: () => object): T {
  if (!mustExist) createPrivateFile(path, `${JSON.stringify(make())}\n`);
  const text = readPrivateFile(path);
  if (text === undefined) {
    throw new Error(
      `${path} is missing although there is a database: put the key file back from its backup, or use another data directory`,
    );
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${path} is not a key file of ours`, { cause });
  }
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

function makeKeys(jwk: z.infer<typeof SigningKey>, masterKey: Buffer): Keys {
  const privateKey = createPrivateKey({ key: jwk, format: "jwk" });
  const raw = Buffer.from(String(createPublicKey(privateKey).export({ format: "jwk" }).x), "base64url");
  const macKey = Buffer.from(hkdfSync("sha256", masterKey, "", "cloud-assistant mac 1", 32));
  return {
    publicKey: raw.toString("base64"),
    fingerprint: keyFingerprint(raw),
    sign: (context, payload) => sign(null, Buffer.from(signedText(context, payload)), privateKey).toString("base64"),
    mac: (purpose, text) => createHmac("sha256", macKey).update(`${purpose}\n${text}`).digest("hex"),
    seal: (purpose, plain) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", masterKey, iv).setAAD(Buffer.from(purpose));
      const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]);
    },
    unseal: (purpose, sealed) => {
      const iv = sealed.subarray(0, IV_BYTES);
      const decipher = createDecipheriv("aes-256-gcm", masterKey, iv, { authTagLength: TAG_BYTES }).setAAD(
        Buffer.from(purpose),
      );
      decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8");
    },
  };
}

export function keyFingerprint(rawPublicKey: Uint8Array): string {
  return `sha256:${createHash("sha256").update(rawPublicKey).digest("hex")}`;
}
