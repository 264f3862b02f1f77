import * as z from "zod";
import { DEFAULT_DELIVERY_TIMEOUT_SECONDS, DEFAULT_TIMEOUT_SECONDS, MAX_DELIVERY_TIMEOUT_SECONDS, MAX_PARAMETERS, MAX_TIMEOUT_SECONDS } from "../limits.ts";
import { COMMAND_TYPES, REPEAT_MODES, TERMINATION_MODES } from "../vocabulary.ts";
import type { ApiErrorCode } from "../errors.ts";
import { contentEncoding, flag, idList, integer, oneOf, optional, read, required, text } from "./fields.ts";
import { findRepeatedKey } from "./json-keys.ts";
import { resourceTags, tags } from "./tags.ts";

/** Characters of a key of `Parameters`. */
const MAX_PARAMETER_KEY = 64;

/** One parameter that holds a JSON object of texts (api-facts 1.9). */
const parameters = z
  .string("InvalidParameter.Parameters")
  .optional()
  .transform((given, context): Record<string, string> => {
    const values = given ? readParameters(given) : {};
    if (typeof values !== "string") return values;
    context.issues.push({ code: "custom", message: values, input: given });
    return {};
  });

function readParameters(given: string): Record<string, string> | ApiErrorCode {
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch {
    return "InvalidParameter.Parameters";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "InvalidParameter.Parameters";
  const entries = Object.entries(value);
  if (findRepeatedKey(given) !== undefined) return "ParameterKey.Duplicate";
  if (new Set(entries.map(([key]) => key.toLowerCase())).size < entries.length) return "ParameterKey.Duplicate"; // names are case-insensitive
  if (entries.length > MAX_PARAMETERS) return "ParameterCount.ExceedLimit";
  if (entries.some(([key]) => key === "")) return "CmdParam.EmptyKey";
  if (entries.some(([key]) => key.length > MAX_PARAMETER_KEY)) return "ParameterKey.ExceedLimit";
  if (entries.some(([, member]) => typeof member !== "string")) return "ParameterType.NotSupported";
  // fromEntries defines own properties, so a key like __proto__ stays data
  return Object.fromEntries(entries) as Record<string, string>;
}

const timeout = read((given) => (/^[1-9]\d{0,14}$/.test(given) ? Number(given) : undefined), "InvalidParameter").refine(
  (seconds) => seconds === undefined || seconds <= MAX_TIMEOUT_SECONDS,
  "InvalidTimeout.ExceedLimit",
);

/** ASCII, up to 64 characters. */
export const clientToken = read((given) => (/^[\x21-\x7e]{1,64}$/.test(given) ? given : undefined), "InvalidClientToken.Malformed");

export const RunCommandInput = z.object({
  RegionId: required(),
  ClientToken: clientToken,
  Type: required().pipe(z.enum(COMMAND_TYPES, "InvalidCmdType.NotFound")),
  CommandContent: required(),
  ContentEncoding: contentEncoding("PlainText"),
  Name: text(128, "CmdName.ExceedLimit", "InvalidParameterCharacter.CommandName"),
  Description: text(512, "CmdDesc.ExceedLimit", "InvalidParameterCharacter.CommandDescription"),
  WorkingDir: text(200, "InvalidParameter.WorkingDir", "InvalidParameterCharacter.CommandWorkingDir"),
  Timeout: timeout.transform((seconds) => seconds ?? DEFAULT_TIMEOUT_SECONDS),
  EnableParameter: flag.transform((enabled) => enabled ?? false),
  Parameters: parameters,
  Username: text(255, "Username.ExceedLimit", "InvalidParameter"),
  TerminationMode: oneOf(TERMINATION_MODES, "InvalidTerminationMode.NotFound"),
  RepeatMode: oneOf(REPEAT_MODES, "InvalidRepeatMode.NotFound"),
  InstanceId: idList,
  Tag: tags,
  /** Ours: seconds to wait for an offline host. */
  DeliveryTimeout: integer(1, MAX_DELIVERY_TIMEOUT_SECONDS).transform((seconds) => seconds ?? DEFAULT_DELIVERY_TIMEOUT_SECONDS),
  Frequency: optional,
  KeepCommand: flag.transform((keep) => keep ?? false),
  Launcher: text(1024, "InvalidLauncher.LengthLimitExceeded"),
  ContainerId: read(
    (given) => (/^(?:(?:docker|containerd|cri-o):\/\/)?[0-9a-fA-F]{64}$/.test(given) ? given : undefined),
    "InvalidContainerId.Malformed",
  ),
  ContainerName: read((given) => (/^[0-9A-Za-z][0-9A-Za-z._-]{0,254}$/.test(given) ? given : undefined), "InvalidContainerName.Malformed"),
  ResourceTag: resourceTags,
  ResourceGroupId: optional,
  OssOutputDelivery: optional,
  WindowsPasswordName: text(255, "WindowsPasswordName.ExceedLimit"),
});
export type RunCommandInput = z.infer<typeof RunCommandInput>;
export type RunCommandAnswer = { readonly CommandId: string; readonly InvokeId: string };
