import { timingSafeEqual } from "node:crypto";
import { ApiError } from "@cloud-assistant/shared/errors";
import { REQUEST_SKEW_MS } from "@cloud-assistant/shared/limits";
import type { Caller } from "../actions/action.ts";
import { readSecurityToken } from "../domain/security-token.ts";
import type { Keys } from "../keys.ts";
import type { RequestNonce } from "../store/store.ts";
import { requireParameter, singleHeader, type ApiRequest } from "./api-request.ts";
import type { Credential, Credentials } from "./credentials.ts";
import type { Nonces } from "./nonces.ts";
import { signV1, stringToSignV1 } from "./signature-v1.ts";
import { ALGORITHM_V3, coversEnough, readAuthorization, sha256Hex, signV3, stringToSignV3 } from "./signature-v3.ts";

/** Characters of a nonce; the SDKs send up to 64. */
const MAX_NONCE = 128;

/** What a request claims and how to check it. */
type Claim = {
  readonly accessKeyId: string;
  readonly time: string;
  readonly nonce: string;
  readonly signature: string;
  readonly securityToken: string | undefined;
  readonly stringToSign: () => string;
  readonly sign: (secret: string, stringToSign: string) => string;
};

/**
 * Who sent this. The nonce is taken only by a request whose signature is right, so nobody else can use it up.
 * @throws {ApiError} the gateway errors of api-facts 5
 */
export async function authenticate(
  request: ApiRequest,
  { credentials, nonces, keys, nowMs }: { credentials: Credentials; nonces: Nonces; keys: Keys; nowMs: number },
): Promise<{ caller: Caller; nonce: RequestNonce }> {
  const claim = request.v3 ? readClaimV3(request) : readClaimV1(request);
  const atMs = readTime(claim.time, nowMs);
  const credential = await credentials.find(claim.accessKeyId);
  if (!credential) throw new ApiError("InvalidAccessKeyId.NotFound");
  const stringToSign = claim.stringToSign();
  if (!equalTexts(claim.sign(credential.secret, stringToSign), claim.signature)) {
    throw new ApiError("SignatureDoesNotMatch", { values: [stringToSign] });
  }
  if (!credential.enabled) throw new ApiError("InvalidAccessKeyId.Inactive");
  checkToken(keys, claim, credential, nowMs);
  const nonce = { accessKeyId: claim.accessKeyId, nonce: claim.nonce, expiresMs: atMs + REQUEST_SKEW_MS };
  if (!nonces.take(nonce, nowMs)) throw new ApiError("SignatureNonceUsed");
  return { caller: credential.caller, nonce };
}

/** A temporary key is worth nothing without its token, and a token belongs to no other key. */
function checkToken(keys: Keys, { accessKeyId, securityToken }: Claim, { expiresMs }: Credential, nowMs: number): void {
  if (expiresMs === undefined) {
    if (securityToken) throw new ApiError("InvalidSecurityToken.MismatchWithAccessKey");
    return;
  }
  if (!securityToken) throw new ApiError("MissingSecurityToken");
  const owner = readSecurityToken(keys, securityToken);
  if (owner === undefined) throw new ApiError("InvalidSecurityToken.Malformed");
  if (owner !== accessKeyId) throw new ApiError("InvalidSecurityToken.MismatchWithAccessKey");
  if (nowMs >= expiresMs) throw new ApiError("InvalidSecurityToken.Expired");
}

function readClaimV1({ method, parameters }: ApiRequest): Claim {
  const need = (name: string): string => requireParameter(name, parameters.get(name));
  if (parameters.get("SignatureType")) throw unsupported(need("SignatureType"));
  const accessKeyId = need("AccessKeyId");
  const signature = need("Signature");
  const claim = { accessKeyId, signature, time: need("Timestamp"), nonce: readNonce(need("SignatureNonce")) };
  if (need("SignatureMethod") !== "HMAC-SHA1") throw unsupported(need("SignatureMethod"));
  if (need("SignatureVersion") !== "1.0") throw new ApiError("IncompleteSignature");
  return {
    ...claim,
    securityToken: parameters.get("SecurityToken"),
    stringToSign: () => stringToSignV1(method, parameters),
    sign: signV1,
  };
}

function readClaimV3({ method, query, raw, body }: ApiRequest): Claim {
  const header = raw.headers.authorization;
  if (header === undefined) throw unsupported("BEARERTOKEN");
  if (!header.startsWith(`${ALGORITHM_V3} `)) throw unsupported(header.split(" ")[0] ?? "");
  const authorization = readAuthorization(header);
  if (!authorization || !coversEnough(authorization.signedHeaders)) throw new ApiError("IncompleteSignature");
  const { accessKeyId, signedHeaders, signature } = authorization;
  const token = singleHeader(raw, "x-acs-security-token");
  if (token && !signedHeaders.includes("x-acs-security-token")) throw new ApiError("IncompleteSignature");
  const bodyHash = sha256Hex(body);
  if (singleHeader(raw, "x-acs-content-sha256") !== bodyHash) {
    throw new ApiError("SignatureDoesNotMatch", {
      detail: `Specified x-acs-content-sha256 is not the hash of the body, which is ${bodyHash}.`,
    });
  }
  return {
    accessKeyId,
    signature,
    time: requireParameter("x-acs-date", singleHeader(raw, "x-acs-date")),
    nonce: readNonce(requireParameter("x-acs-signature-nonce", singleHeader(raw, "x-acs-signature-nonce"))),
    securityToken: token,
    stringToSign: () => stringToSignV3({ method, query, headers: raw.headersDistinct, signedHeaders, bodyHash }),
    sign: signV3,
  };
}

function readTime(text: string, nowMs: number): number {
  const atMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw new ApiError("InvalidTimeStamp.Format");
  if (Math.abs(atMs - nowMs) > REQUEST_SKEW_MS) throw new ApiError("InvalidTimeStamp.Expired");
  return atMs;
}

function readNonce(nonce: string): string {
  if (nonce.length > MAX_NONCE) throw new ApiError("InvalidParameter", { values: ["SignatureNonce"] });
  return nonce;
}

function unsupported(type: string): ApiError {
  return new ApiError("UnsupportedSignatureType", { values: [type] });
}

function equalTexts(ours: string, theirs: string): boolean {
  const [a, b] = [Buffer.from(ours), Buffer.from(theirs)];
  return a.length === b.length && timingSafeEqual(a, b);
}
