import { randomUUID } from "node:crypto";
import { percentEncode } from "@cloud-assistant/control-plane/http/percent-encoding";
import { signV1, stringToSignV1 } from "@cloud-assistant/control-plane/http/signature-v1";
import { sha256Hex, signV3, stringToSignV3 } from "@cloud-assistant/control-plane/http/signature-v3";
import type { Target } from "./sdk.ts";

/** Requests the official SDKs would not make: old, replayed, incomplete ones. The signatures themselves are proved by captured vectors. */
export type Parameters = Readonly<Record<string, string>>;

export function toQuery(parameters: Iterable<readonly [string, string]>): string {
  return Array.from(parameters, ([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join("&");
}

export function toTimestamp(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** The common parameters of v1, and the signature over them and the rest. */
export function signedV1(
  { accessKeyId, accessKeySecret }: Target,
  action: string,
  parameters: Parameters,
  method: string,
  changes: Parameters = {},
): Map<string, string> {
  const all = new Map(
    Object.entries({
      Action: action,
      Version: "2014-05-26",
      Format: "JSON",
      AccessKeyId: accessKeyId,
      SignatureMethod: "HMAC-SHA1",
      SignatureVersion: "1.0",
      SignatureNonce: randomUUID(),
      Timestamp: toTimestamp(Date.now()),
      ...parameters,
      ...changes,
    }),
  );
  return all.set("Signature", signV1(accessKeySecret, stringToSignV1(method, all)));
}

/** Headers of an ACS3 request. */
export function signedV3(
  { endpoint, accessKeyId, accessKeySecret }: Target,
  action: string,
  {
    query = {},
    body = "",
    headers = {},
    leaveUnsigned = [],
  }: { query?: Parameters; body?: string; headers?: Parameters; leaveUnsigned?: readonly string[] },
): Record<string, string> {
  const bodyHash = sha256Hex(body);
  const signed: Record<string, string> = {
    host: new URL(endpoint).host,
    "x-acs-action": action,
    "x-acs-content-sha256": bodyHash,
    "x-acs-date": toTimestamp(Date.now()),
    "x-acs-signature-nonce": randomUUID(),
    "x-acs-version": "2014-05-26",
    ...headers,
  };
  const signedHeaders = Object.keys(signed)
    .filter((name) => !leaveUnsigned.includes(name))
    .toSorted();
  const stringToSign = stringToSignV3({
    method: "POST",
    query: new Map(Object.entries(query)),
    headers: Object.fromEntries(Object.entries(signed).map(([name, value]) => [name, [value]])),
    signedHeaders,
    bodyHash,
  });
  const { host: _host, ...sent } = signed; // fetch sets it
  const signature = signV3(accessKeySecret, stringToSign);
  return {
    ...sent,
    authorization: `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${signedHeaders.join(";")},Signature=${signature}`,
  };
}
