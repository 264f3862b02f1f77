import { createHash, createHmac } from "node:crypto";
import { ECS_VERSION } from "@cloud-assistant/shared/api/versions";

export type AccessKey = {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
};

/** What changes from one signing to the next, so that a test can hold it still. */
export type Moment = { readonly nonce: string; readonly atMs: number };

const ALGORITHM = "ACS3-HMAC-SHA256";

/**
 * Headers of an ACS3-signed call, of the ECS API unless another version is named: `POST /` with the parameters as a form.
 * @see https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
 */
export function signCall(
  key: AccessKey,
  call: { readonly host: string; readonly action: string; readonly body: string; readonly version?: string },
  { nonce, atMs }: Moment,
): Record<string, string> {
  const bodyHash = createHash("sha256").update(call.body).digest("hex");
  const headers: Record<string, string> = {
    "content-type": "application/x-www-form-urlencoded",
    host: call.host,
    "x-acs-action": call.action,
    "x-acs-content-sha256": bodyHash,
    "x-acs-date": `${new Date(atMs).toISOString().slice(0, 19)}Z`,
    "x-acs-signature-nonce": nonce,
    "x-acs-version": call.version ?? ECS_VERSION,
    ...(key.securityToken && { "x-acs-security-token": key.securityToken }),
  };
  const names = Object.keys(headers).toSorted();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const canonical = ["POST", "/", "", lines, names.join(";"), bodyHash].join("\n");
  const text = `${ALGORITHM}\n${createHash("sha256").update(canonical).digest("hex")}`;
  const signature = createHmac("sha256", key.accessKeySecret).update(text).digest("hex");
  return {
    ...headers,
    authorization: `${ALGORITHM} Credential=${key.accessKeyId},SignedHeaders=${names.join(";")},Signature=${signature}`,
  };
}

/** `a=1&b=%20` by RFC 3986. */
export function toForm(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join("&");
}

/** `encodeURIComponent` leaves `!'()*` as they are. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
