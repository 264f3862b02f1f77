import * as z from "zod";
import type { ApiErrorCode } from "../errors.ts";
import { MAX_PARAMETERS } from "../limits.ts";
import { isCustomName } from "../placeholders.ts";
import type { Told } from "./fields.ts";
import { findRepeatedKey } from "./json-keys.ts";

/** Characters of a key of `Parameters`. */
const MAX_PARAMETER_KEY = 64;

type Rule =
  | "malformed"
  | "duplicate"
  | "tooMany"
  | "emptyKey"
  | "keyTooLong"
  | "valueType"
  | "charset"
  | "notDeclared"
  | "disabled";
/** `badKey`: for a key that can be no placeholder's name; without it that is as good as not declared. */
export type ParameterCodes = Readonly<Record<Rule, ApiErrorCode> & { badKey?: ApiErrorCode }>;

/** Of RunCommand and InvokeCommand. */
export const PARAMETER_CODES = {
  malformed: "InvalidParameter.Parameters",
  duplicate: "ParameterKey.Duplicate",
  tooMany: "ParameterCount.ExceedLimit",
  emptyKey: "CmdParam.EmptyKey",
  keyTooLong: "ParameterKey.ExceedLimit",
  valueType: "ParameterType.NotSupported",
  charset: "InvalidParameterCharset.Parameters",
  notDeclared: "Parameter.NotMatched",
  disabled: "Parameter.Disabled",
} as const satisfies ParameterCodes;

/** Of ModifyInvocationAttribute, which has none for a text that is no JSON object, or for bad characters in a value. */
export const MODIFY_PARAMETER_CODES = {
  malformed: "InvalidParameter.Parameters",
  duplicate: "InvalidParameters.KeyDuplicate",
  tooMany: "InvalidParameters.CountLimitExceeded",
  emptyKey: "InvalidParameters.KeyEmpty",
  badKey: "InvalidParameters.KeyMalformed",
  keyTooLong: "InvalidParameters.KeyLengthLimitExceeded",
  valueType: "InvalidParameters.ValueTypeUnsupported",
  charset: "InvalidParameterCharset.Parameters",
  notDeclared: "InvalidParameters.KeyNotMatch",
  disabled: "InvalidParameters.KeyNotMatch",
} as const satisfies ParameterCodes;

/** One parameter that holds a JSON object of texts (api-facts 1.9); undefined when it is absent or empty. */
export const customParameters = (codes: ParameterCodes) =>
  z
    .string(codes.malformed)
    .optional()
    .transform((given, context): Record<string, string> | undefined => {
      const values = given ? readParameters(given, codes) : undefined;
      if (typeof values !== "string") return values;
      context.issues.push({ code: "custom", message: values, input: given });
      return undefined;
    })
    .meta({ takes: `JSON object of texts, up to ${MAX_PARAMETERS}` } satisfies Told);

function readParameters(given: string, codes: ParameterCodes): Record<string, string> | ApiErrorCode {
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch {
    return codes.malformed;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return codes.malformed;
  const entries = Object.entries(value);
  if (findRepeatedKey(given) !== undefined) return codes.duplicate;
  if (new Set(entries.map(([key]) => key.toLowerCase())).size < entries.length) return codes.duplicate; // names are case-insensitive
  if (entries.length > MAX_PARAMETERS) return codes.tooMany;
  if (entries.some(([key]) => key === "")) return codes.emptyKey;
  if (entries.some(([key]) => key.length > MAX_PARAMETER_KEY)) return codes.keyTooLong;
  if (entries.some(([, member]) => typeof member !== "string")) return codes.valueType;
  if (entries.some(([key, member]) => !isText(key) || !isText(member as string))) return codes.charset;
  if (codes.badKey && !entries.every(([key]) => isCustomName(key))) return codes.badKey;
  // fromEntries defines own properties, so a key like __proto__ stays data
  return Object.fromEntries(entries) as Record<string, string>;
}

/** NUL is no text on any host, and half a surrogate pair cannot be written as UTF-8. */
function isText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\u0000");
}
