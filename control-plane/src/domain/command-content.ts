import { ApiError } from "@cloud-assistant/shared/errors";
import { COMMAND_CONTENT_MAX_BASE64_BYTES, MAX_PLACEHOLDER_NAME_BYTES, MAX_PLACEHOLDERS } from "@cloud-assistant/shared/limits";
import { findPlaceholders, isCustomName, renderedBytes, toBuiltInName } from "@cloud-assistant/shared/placeholders";

/**
 * The script's bytes. Line breaks inside Base64 are fine, as tools wrap it.
 * @throws {ApiError} `CmdContent.DecodeError`
 */
export function decodeContent(content: string, encoding: "PlainText" | "Base64"): Uint8Array {
  if (encoding === "PlainText") return Buffer.from(content);
  const base64 = content.replace(/[\r\n]/g, "");
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw new ApiError("CmdContent.DecodeError");
  return Buffer.from(base64, "base64");
}

/**
 * Checks size, placeholders and the parameters given for them (api-facts 1.9).
 * @throws {ApiError} the documented error of the first thing that is not right
 */
export function checkContent(content: Uint8Array, enableParameter: boolean, parameters: Readonly<Record<string, string>>): void {
  const given = Object.keys(parameters);
  if (!enableParameter && given.length > 0) throw new ApiError("Parameter.Disabled");
  if (enableParameter) checkPlaceholders(content, given);
  checkSize(content.length);
  if (enableParameter) checkSize(renderedBytes(content, parameters));
}

function checkSize(bytes: number): void {
  if (Math.ceil(bytes / 3) * 4 > COMMAND_CONTENT_MAX_BASE64_BYTES) throw new ApiError("CmdContent.ExceedLimit");
}

function checkPlaceholders(content: Uint8Array, given: readonly string[]): void {
  const declared = new Set<string>();
  for (const { kind, name } of findPlaceholders(content)) {
    if (kind === "builtIn") {
      if (toBuiltInName(name) === undefined) throw new ApiError("CmdParam.InvalidParamName");
      continue;
    }
    if (name === "") throw new ApiError("CmdParam.EmptyKey");
    if (!isCustomName(name)) throw new ApiError("CmdParam.InvalidParamName");
    if (name.length > MAX_PLACEHOLDER_NAME_BYTES) throw new ApiError("CmdParamName.ExceedLimit");
    declared.add(name.toLowerCase());
  }
  if (declared.size > MAX_PLACEHOLDERS) throw new ApiError("CmdParamCount.ExceedLimit");
  if (given.some((name) => !declared.has(name.toLowerCase()))) throw new ApiError("Parameter.NotMatched");
}
