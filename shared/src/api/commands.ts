import * as z from "zod";
import { DEFAULT_TIMEOUT_SECONDS } from "../limits.ts";
import { COMMAND_TYPES } from "../vocabulary.ts";
import type { TagAnswer, TokenPage } from "./answers.ts";
import { clientToken, contentEncoding, flag, oneOf, optional, paging, required, text } from "./fields.ts";
import { commandDescription, commandName, launcher, timeoutSeconds, workingDir } from "./run-options.ts";
import { tags } from "./tags.ts";

/** Content is Base64 unless it says otherwise, unlike RunCommand's. */
export const CreateCommandInput = z.object({
  RegionId: required(),
  ClientToken: clientToken,
  Name: required().pipe(commandName),
  Type: required().pipe(z.enum(COMMAND_TYPES, "InvalidCmdType.NotFound")),
  CommandContent: required(),
  ContentEncoding: contentEncoding("Base64"),
  Description: commandDescription.default(""),
  WorkingDir: workingDir.default(""),
  Timeout: timeoutSeconds(1).transform((seconds) => seconds ?? DEFAULT_TIMEOUT_SECONDS),
  EnableParameter: flag.transform((enabled) => enabled ?? false),
  Launcher: launcher.default(""),
  ResourceGroupId: optional,
  Tag: tags,
});
export type CreateCommandInput = z.infer<typeof CreateCommandInput>;
export type CreateCommandAnswer = { readonly CommandId: string };

/** What is absent stays; an empty text clears, except the name's. CommandContent is accepted and ignored (api-facts 4.3). */
export const ModifyCommandInput = z.object({
  RegionId: required(),
  CommandId: required(),
  Name: optional.pipe(commandName.optional()),
  Description: commandDescription.optional(),
  WorkingDir: workingDir.optional(),
  Timeout: timeoutSeconds(1),
  Launcher: launcher.optional(),
});
export type ModifyCommandInput = z.infer<typeof ModifyCommandInput>;

export const DeleteCommandInput = z.object({ RegionId: required(), CommandId: required() });

export const DescribeCommandsInput = z.object({
  RegionId: required(),
  CommandId: optional,
  Name: text(128, "InvalidName.LengthLimitExceeded"),
  Description: text(512, "InvalidDescription.LengthLimitExceeded"),
  Type: oneOf(COMMAND_TYPES, "InvalidCommandType.NotFound"),
  Provider: optional,
  Latest: flag,
  ResourceGroupId: optional,
  Tag: tags,
  ContentEncoding: contentEncoding("Base64"),
  ...paging,
});
export type DescribeCommandsInput = z.infer<typeof DescribeCommandsInput>;

export type ParameterDefinitionAnswer = {
  readonly ParameterName: string;
  readonly Description: string;
  readonly DefaultValue: string;
  readonly PatternRegex: string;
  readonly Required: boolean;
  readonly PossibleValues: { readonly PossibleValue: readonly string[] };
};
/** `Version` and `Latest` are of public commands, which we have none of. */
export type CommandAnswer = {
  readonly CommandId: string;
  readonly Name: string;
  readonly Description: string;
  readonly Type: string;
  readonly CommandContent: string;
  readonly WorkingDir: string;
  readonly Timeout: number;
  readonly EnableParameter: boolean;
  readonly ParameterNames: { readonly ParameterName: readonly string[] };
  readonly ParameterDefinitions: { readonly ParameterDefinition: readonly ParameterDefinitionAnswer[] };
  readonly Launcher: string;
  readonly Provider: string;
  readonly Category: string;
  readonly InvokeTimes: number;
  readonly CreationTime: string;
  readonly ResourceGroupId: string;
  readonly Tags: { readonly Tag: readonly TagAnswer[] };
};
export type DescribeCommandsAnswer = TokenPage & { readonly Commands: { readonly Command: readonly CommandAnswer[] } };
