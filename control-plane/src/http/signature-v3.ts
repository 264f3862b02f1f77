import { hash, createHmac } from "node:crypto";
import { percentEncode } from "./percent-encoding.ts";
import { byName } from "./signature-v1.ts";

export const ALGORITHM_V3 = "ACS3-HMAC-SHA256";

/** What a signature must cover, or it would not tell this request from another. */
const MUST_SIGN = [
  "host",
  "x-acs-action",
  "x-acs-content-sha256",
  "x-acs-date",
  "x-acs-signature-nonce",
  "x-acs-version",
];

export type Authorization = {
  readonly accessKeyId: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
};

/** `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=a;b,Signature=…`, or undefined when a part is missing. */
export function readAuthorization(header: string): Authorization | undefined {
  const parts = new Map<string, string>();
  for (const part of header.slice(header.indexOf(" ") + 1).split(",")) {
    const at = part.indexOf("=");
    parts.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  const [accessKeyId, signed, signature] = [
    parts.get("Credential"),
    parts.get("SignedHeaders"),
    parts.get("Signature"),
  ];
  return accessKeyId && signed && signature ? { accessKeyId, signedHeaders: signed.split(";"), signature } : undefined;
}

export function coversEnough(signedHeaders: readonly string[]): boolean {
  return MUST_SIGN.every((name) => signedHeaders.includes(name));
}

/**
 * The ACS3 signature (wire-facts 1). The query is decoded and encoded anew: what stands in the URL is not canonical.
 * @param headers every value of each header, by lower-case name
 */
export function stringToSignV3(request: {
  readonly method: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
  readonly signedHeaders: readonly string[];
  readonly bodyHash: string;
}): string {
  const query = [...request.query]
    .toSorted(byName)
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`);
  const headers = request.signedHeaders.map((name) => `${name}:${canonicalValue(request.headers[name])}\n`);
  const canonical = [
    request.method,
    "/",
    query.join("&"),
    headers.join(""),
    request.signedHeaders.join(";"),
    request.bodyHash,
  ].join("\n");
  return `${ALGORITHM_V3}\n${sha256Hex(canonical)}`;
}

/** Hex of HMAC-SHA256 keyed by the secret. */
export function signV3(secret: string, stringToSign: string): string {
  return createHmac("sha256", secret).update(stringToSign).digest("hex");
}

export function sha256Hex(data: string | Uint8Array): string {
  return hash("sha256", data, "hex");
}

function canonicalValue(values: readonly string[] | undefined): string {
  return (values ?? [])
    .map((value) => value.trim())
    .toSorted()
    .join(",");
}
