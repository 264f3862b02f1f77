import { createHmac } from "node:crypto";
import { percentEncode } from "./percent-encoding.ts";

/**
 * The RPC signature (wire-facts 2).
 * @param parameters of query and form together; `Signature` itself is left out, empty values are not
 */
export function stringToSignV1(method: string, parameters: ReadonlyMap<string, string>): string {
  const pairs: [string, string][] = [];
  for (const [name, value] of parameters)
    if (name !== "Signature") pairs.push([percentEncode(name), percentEncode(value)]);
  const canonical = pairs
    .toSorted(byName)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  return `${method}&%2F&${percentEncode(canonical)}`;
}

/** Base64 of HMAC-SHA1 keyed by the secret and a `&`. */
export function signV1(secret: string, stringToSign: string): string {
  return createHmac("sha1", `${secret}&`).update(stringToSign).digest("base64");
}

export function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
