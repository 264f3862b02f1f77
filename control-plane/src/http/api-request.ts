import type { IncomingMessage } from "node:http";
import { ApiError } from "@cloud-assistant/shared/errors";
import { readForm } from "./percent-encoding.ts";

/** One call in any of the five shapes of wire-facts 0, parsed once. */
export type ApiRequest = {
  readonly method: string;
  readonly query: ReadonlyMap<string, string>;
  /** Query and form together. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly raw: IncomingMessage;
  readonly body: Uint8Array;
  /** Signed by ACS3; the common parameters are headers then. */
  readonly v3: boolean;
  readonly action: string;
  readonly version: string;
};

/** Headers decide what is run only when they are what is signed; with the v1 signature the parameters are. */
export function readApiRequest(raw: IncomingMessage, body: Uint8Array): ApiRequest {
  const { url = "", method = "", headers } = raw;
  const at = url.indexOf("?");
  const query = readForm(at < 0 ? "" : url.slice(at + 1));
  // a form whatever its type says: the type need not be signed, the body is
  const parameters = body.length === 0 ? query : readForm(Buffer.from(body).toString(), new Map(query));
  const v3 = headers.authorization?.startsWith("ACS3-") === true || headers["x-acs-bearer-token"] !== undefined;
  const action = (v3 ? headers["x-acs-action"] : parameters.get("Action")) ?? "";
  const version = (v3 ? headers["x-acs-version"] : parameters.get("Version")) ?? "";
  return { method, query, parameters, raw, body, v3, action: String(action), version: String(version) };
}

export function requireParameter(name: string, value: string | undefined): string {
  if (!value) throw new ApiError("MissingParameter", { values: [name] });
  return value;
}

/** A common header that may be there once. */
export function singleHeader(raw: IncomingMessage, name: string): string | undefined {
  const value = raw.headers[name];
  return typeof value === "string" ? value : undefined;
}
