import { createHash, createHmac, randomUUID } from "node:crypto";
import type { Credentials } from "./credentials.ts";

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- an answer as the wire has it

/** What the API said no with. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly code: string;
  constructor(code: string, message: string, requestId: string) {
    super(`${code}: ${message} (request ${requestId})`);
    this.code = code;
  }
}

/** An API client like any other: ACS3-HMAC-SHA256, everything in a form body. */
export class Client {
  readonly #credentials: Credentials;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /** Arrays and objects are flattened (`InstanceId.1`, `Tag.1.Key`); undefined is left out. */
  async call(action: string, parameters: Readonly<Record<string, unknown>>): Promise<Json> {
    const response = await this.#post(action, parameters);
    return (await response.json()) as Json;
  }

  /** The lines of a streaming action as they come. */
  async *stream(action: string, parameters: Readonly<Record<string, unknown>>): AsyncGenerator<Json> {
    const response = await this.#post(action, parameters);
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of response.body ?? []) {
      rest += decoder.decode(chunk as Uint8Array, { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") yield JSON.parse(line) as Json;
    }
  }

  async #post(action: string, parameters: Readonly<Record<string, unknown>>): Promise<Response> {
    const body = flatten({ RegionId: "cn-hangzhou", ...parameters })
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .join("&");
    const response = await fetch(`${this.#credentials.endpoint}/`, { method: "POST", body, headers: this.#sign(action, body) }).catch((cause: unknown) => {
      throw new Error(`${this.#credentials.endpoint} cannot be reached: is the control plane running?`, { cause });
    });
    if (response.ok) return response;
    const failure = (await response.json().catch(() => ({}))) as Json;
    throw new ApiFailure(String(failure["Code"] ?? response.status), String(failure["Message"] ?? "no JSON answer"), String(failure["RequestId"] ?? "unknown"));
  }

  #sign(action: string, body: string): Record<string, string> {
    const { endpoint, accessKeyId, accessKeySecret, securityToken } = this.#credentials;
    const bodyHash = sha256(body);
    const headers: Record<string, string> = {
      "content-type": "application/x-www-form-urlencoded",
      host: new URL(endpoint).host,
      "x-acs-action": action,
      "x-acs-content-sha256": bodyHash,
      "x-acs-date": `${new Date().toISOString().slice(0, 19)}Z`,
      "x-acs-signature-nonce": randomUUID(),
      "x-acs-version": "2014-05-26",
      ...(securityToken ? { "x-acs-accesskey-id": accessKeyId, "x-acs-security-token": securityToken } : {}),
    };
    const names = Object.keys(headers).toSorted();
    const canonical = ["POST", "/", "", ...names.map((name) => `${name}:${headers[name]}`), "", names.join(";"), bodyHash].join("\n");
    const signature = createHmac("sha256", accessKeySecret).update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`).digest("hex");
    const { host: _host, ...sent } = headers; // fetch sets it
    return { ...sent, authorization: `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${names.join(";")},Signature=${signature}` };
  }
}

function flatten(value: unknown, name = ""): [string, string][] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => flatten(item, `${name}.${index + 1}`));
  if (typeof value === "object") return Object.entries(value).flatMap(([key, inner]) => flatten(inner, name ? `${name}.${key}` : key));
  return [[name, String(value as string | number | boolean)]];
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
