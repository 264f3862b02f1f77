import * as z from "zod";
import { DEFAULT_TIMEOUT_SECONDS, MIN_INVOKE_TIMEOUT_SECONDS } from "../limits.ts";
import { COMMAND_TYPES } from "../vocabulary.ts";
import { clientToken, contentEncoding, flag, optional, required } from "./fields.ts";
import { commandDescription, commandName, RunOptions, timeoutSeconds, workingDir } from "./run-options.ts";

export const RunCommandInput = z.object({
  RegionId: required(),
  ClientToken: clientToken,
  Type: required().pipe(z.enum(COMMAND_TYPES, "InvalidCmdType.NotFound")),
  CommandContent: required().meta({
    takes: "script, up to `maxContentBytes` as Base64 (24 KB), also when its placeholders are filled in",
  }),
  ContentEncoding: contentEncoding("PlainText"),
  Name: commandName.default(""),
  Description: commandDescription.default(""),
  WorkingDir: workingDir.default(""),
  Timeout: timeoutSeconds(1).transform((seconds) => seconds ?? DEFAULT_TIMEOUT_SECONDS),
  EnableParameter: flag.transform((enabled) => enabled ?? false),
  KeepCommand: flag.transform((keep) => keep ?? false),
  ...RunOptions.shape,
});
export type RunCommandInput = z.infer<typeof RunCommandInput>;
export type RunCommandAnswer = { readonly CommandId: string; readonly InvokeId: string };

/** Directory, timeout and launcher are the command's own where they are absent. */
export const InvokeCommandInput = z.object({
  RegionId: required(),
  ClientToken: clientToken,
  CommandId: required(),
  WorkingDir: optional.pipe(workingDir.optional()),
  Timeout: timeoutSeconds(MIN_INVOKE_TIMEOUT_SECONDS),
  ...RunOptions.shape,
});
export type InvokeCommandInput = z.infer<typeof InvokeCommandInput>;
export type InvokeCommandAnswer = { readonly InvokeId: string };
