import { PARAMETER_CODES, type ParameterCodes } from "@cloud-assistant/shared/api/parameters";
import { ApiError, type ApiErrorCode } from "@cloud-assistant/shared/errors";
import { MAX_PLACEHOLDER_NAME_BYTES, MAX_PLACEHOLDERS } from "@cloud-assistant/shared/limits";
import { findPlaceholders, isCustomName, renderedBytes, toBuiltInName } from "@cloud-assistant/shared/placeholders";

/**
 * The script's bytes. Line breaks inside Base64 are fine, as tools wrap it.
 * @throws {ApiError} `undecodable`
 */
export function decodeContent(
  content: string,
  encoding: "PlainText" | "Base64",
  undecodable: ApiErrorCode = "CmdContent.DecodeError",
): Uint8Array {
  if (encoding === "PlainText") return Buffer.from(content);
  const base64 = content.replace(/[\r\n]/g, "");
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw new ApiError(undecodable);
  return Buffer.from(base64, "base64");
}

export type ContentCodes = ParameterCodes & { readonly tooLong: ApiErrorCode };
const CONTENT_CODES: ContentCodes = { ...PARAMETER_CODES, tooLong: "CmdContent.ExceedLimit" };

/**
 * Checks size, placeholders and the parameters given for them (api-facts 1.9).
 * @param maxBytes as Base64
 * @throws {ApiError} the documented error of the first thing that is not right
 */
export function checkContent(
  content: Uint8Array,
  enableParameter: boolean,
  parameters: Readonly<Record<string, string>>,
  maxBytes: number,
  codes: ContentCodes = CONTENT_CODES,
): void {
  const given = Object.keys(parameters);
  if (!enableParameter && given.length > 0) throw new ApiError(codes.disabled);
  if (enableParameter) {
    const declared = new Set(declaredNames(content).map((name) => name.toLowerCase()));
    if (given.some((name) => !declared.has(name.toLowerCase()))) throw new ApiError(codes.notDeclared);
  }
  checkSize(content.length, maxBytes, codes);
  if (enableParameter) checkSize(renderedBytes(content, parameters), maxBytes, codes);
}

/**
 * The custom parameters of a content, as first spelled, in their order.
 * @throws {ApiError} when a placeholder is not what it may be
 */
export function declaredNames(content: Uint8Array): string[] {
  const declared = new Map<string, string>();
  for (const { kind, name } of findPlaceholders(content)) {
    if (kind === "builtIn") {
      if (toBuiltInName(name) === undefined) throw new ApiError("CmdParam.InvalidParamName");
      continue;
    }
    if (kind === "reference") continue; // judged where it is resolved
    if (name === "") throw new ApiError("CmdParam.EmptyKey");
    if (!isCustomName(name)) throw new ApiError("CmdParam.InvalidParamName");
    if (name.length > MAX_PLACEHOLDER_NAME_BYTES) throw new ApiError("CmdParamName.ExceedLimit");
    if (!declared.has(name.toLowerCase())) declared.set(name.toLowerCase(), name);
  }
  if (declared.size > MAX_PLACEHOLDERS) throw new ApiError("CmdParamCount.ExceedLimit");
  return [...declared.values()];
}

/**
 * @param maxBytes as Base64
 * @throws {ApiError} `tooLong`
 */
export function checkSize(bytes: number, maxBytes: number, { tooLong }: ContentCodes = CONTENT_CODES): void {
  if (Math.ceil(bytes / 3) * 4 > maxBytes) {
    throw new ApiError(tooLong, { values: [maxBytes / 1024] });
  }
}
