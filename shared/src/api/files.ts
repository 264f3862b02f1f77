import * as z from "zod";
import { MAX_TIMEOUT_SECONDS } from "../limits.ts";
import { clientToken, code, flag, idList, oneOf, optional, paging, read, required, text } from "./fields.ts";
import { tags } from "./tags.ts";

/** After Base64, bytes. */
const MAX_CONTENT = 32 * 1024;
const MAX_INSTANCES = 50;
const MAX_NAME = 255;
const MAX_DIR = 255;
/** Values under it become it, seconds. */
const MIN_TIMEOUT = 10;
const DEFAULT_TIMEOUT = 60;

const contentType = z
  .string(code("InvalidParameter"))
  .default("PlainText")
  .transform(
    (given) => (["PlainText", "Base64"] as const).find((known) => known.toLowerCase() === given.toLowerCase()) ?? given,
  )
  .pipe(z.enum(["PlainText", "Base64"], code("FileContentType.Invalid")));

/** A user's or group's name as Linux has them. */
const owner = (invalid: "InvalidParameter.FileOwner" | "InvalidParameter.FileGroup") =>
  read(
    (given) => (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}\$?$/.test(given) && given.length <= 64 ? given : undefined),
    invalid,
    { takes: "name of Linux, up to 64 characters" },
  ).transform((name) => name ?? "root");

export const SendFileInput = z
  .object({
    RegionId: required(),
    ClientToken: clientToken,
    InstanceId: idList
      .refine((ids) => ids.length > 0, code("MissingParam.InstanceId"))
      .refine((ids) => ids.length <= MAX_INSTANCES, code("InstanceIds.ExceedLimit"))
      .meta({ takes: `1 to ${MAX_INSTANCES} ids` }),
    Name: required()
      .refine((name) => name.length <= MAX_NAME, code("FileName.ExceedLimit"))
      .meta({ takes: `text, up to ${MAX_NAME} characters` }),
    TargetDir: required("FileTargetDir.Invalid")
      .refine((dir) => dir.length <= MAX_DIR && /^(?:\/|[A-Za-z]:[\\/])/.test(dir), code("FileTargetDir.Invalid"))
      .meta({
        takes: `absolute path, up to ${MAX_DIR} characters`,
      }),
    ContentType: contentType,
    Content: required().meta({ takes: `text, up to ${MAX_CONTENT} bytes as Base64` }),
    Description: text(512, "FileDesc.ExceedLimit"),
    FileOwner: owner("InvalidParameter.FileOwner"),
    FileGroup: owner("InvalidParameter.FileGroup"),
    FileMode: read((given) => (/^0?[0-7]{3}$/.test(given) ? given.padStart(4, "0") : undefined), "FileMode.Invalid", {
      takes: "octal mode",
    }).transform((mode) => mode ?? "0644"),
    Overwrite: flag.transform((overwrite) => overwrite ?? false),
    Timeout: read(
      (given) => (/^\d{1,15}$/.test(given) ? Math.max(Number(given), MIN_TIMEOUT) : undefined),
      "InvalidParameter",
      { takes: `seconds, up to ${MAX_TIMEOUT_SECONDS}; fewer than ${MIN_TIMEOUT} are ${MIN_TIMEOUT}` },
    )
      .refine((seconds) => seconds === undefined || seconds <= MAX_TIMEOUT_SECONDS, code("InvalidTimeout.ExceedLimit"))
      .transform((seconds) => seconds ?? DEFAULT_TIMEOUT),
    ResourceGroupId: optional,
    Tag: tags,
  })
  .refine(
    ({ ContentType, Content }) => ContentType === "PlainText" || isBase64(Content),
    code("FileContent.DecodeError"),
  )
  .refine(({ ContentType, Content }) => base64Bytes(ContentType, Content) <= MAX_CONTENT, code("FileSize.ExceedLimit"));

function isBase64(content: string): boolean {
  const base64 = content.replace(/[\r\n]/g, "");
  return base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64);
}

function base64Bytes(type: "PlainText" | "Base64", content: string): number {
  if (type === "Base64") return content.replace(/[\r\n]/g, "").length;
  return Math.ceil(new TextEncoder().encode(content).length / 3) * 4;
}

export const DescribeSendFileResultsInput = z.object({
  RegionId: required(),
  InvokeId: optional,
  InstanceId: optional,
  Name: optional,
  InvocationStatus: oneOf(["Pending", "Running", "Success", "Failed", "PartialFailed"]),
  ResourceGroupId: optional,
  Tag: tags,
  ...paging,
});
