import * as z from "zod";
import { STOP_INVOCATION_MAX_INSTANCES } from "../limits.ts";
import { COMMAND_TYPES, REPEAT_MODES, type RepeatMode, type RunStatus, type TerminationMode } from "../vocabulary.ts";
import type { TagAnswer, TokenPage } from "./answers.ts";
import { clientToken, contentEncoding, flag, idList, integer, oneOf, optional, paging, required } from "./fields.ts";
import { customParameters, MODIFY_PARAMETER_CODES } from "./parameters.ts";
import { tags } from "./tags.ts";

export const StopInvocationInput = z.object({
  RegionId: required(),
  InvokeId: required(),
  InstanceId: idList
    .refine((ids) => ids.length <= STOP_INVOCATION_MAX_INSTANCES, "InstanceIds.ExceedLimit")
    .meta({ takes: `up to ${STOP_INVOCATION_MAX_INSTANCES} ids` }),
});

/** What is absent stays as it is; instances are added. */
export const ModifyInvocationAttributeInput = z.object({
  RegionId: required(),
  ClientToken: clientToken,
  InvokeId: required(),
  CommandContent: optional,
  ContentEncoding: contentEncoding("PlainText"),
  EnableParameter: flag,
  Parameters: customParameters(MODIFY_PARAMETER_CODES),
  Frequency: optional,
  InstanceId: idList,
});
export type ModifyInvocationAttributeInput = z.infer<typeof ModifyInvocationAttributeInput>;
export type ModifyInvocationAttributeAnswer = { readonly CommandId: string };

const INVOKE_STATUSES = [
  "Running",
  "Finished",
  "Success",
  "Failed",
  "Stopped",
  "Stopping",
  "PartialFailed",
  "Pending",
  "Scheduled",
] as const;

export const DescribeInvocationsInput = z
  .object({
    RegionId: required(),
    InvokeId: optional,
    CommandId: optional,
    CommandName: optional,
    CommandType: oneOf(COMMAND_TYPES, "InvalidCmdType.NotFound"),
    InstanceId: optional,
    InvokeStatus: oneOf(INVOKE_STATUSES),
    RepeatMode: oneOf(REPEAT_MODES, "InvalidRepeatMode.NotFound"),
    Timed: flag,
    ResourceGroupId: optional,
    Tag: tags,
    ContentEncoding: contentEncoding("Base64"),
    IncludeOutput: flag.transform((included) => included ?? false),
    ...paging,
  })
  // the documents ask for it; without it one answer could hold 50 invocations of 100 outputs each
  .refine(({ IncludeOutput, InvokeId, InstanceId }) => !IncludeOutput || InvokeId || InstanceId, {
    error: "InvalidParameter",
    path: ["IncludeOutput"],
  });
export type DescribeInvocationsInput = z.infer<typeof DescribeInvocationsInput>;

export const RECORD_STATUSES = [
  "Running",
  "Finished",
  "Success",
  "Failed",
  "PartialFailed",
  "Stopped",
  "Stopping",
] as const;

export const DescribeInvocationResultsInput = z.object({
  RegionId: required(),
  InvokeId: optional,
  CommandId: optional,
  InstanceId: optional,
  InvokeRecordStatus: oneOf(RECORD_STATUSES),
  IncludeHistory: flag,
  ResourceGroupId: optional,
  Tag: tags,
  ContentEncoding: contentEncoding("Base64"),
  ...paging,
});
export type DescribeInvocationResultsInput = z.infer<typeof DescribeInvocationResultsInput>;

/** Ours: the output as it grows, one JSON object a line (`OutputLine`). */
export const StreamInvocationOutputInput = z
  .object({
    RegionId: required(),
    InvokeId: required(),
    InstanceId: idList,
    Follow: flag.transform((follow) => follow ?? false),
    Offset: integer(0, Number.MAX_SAFE_INTEGER),
  })
  .refine(({ Offset, InstanceId }) => Offset === undefined || InstanceId.length === 1, {
    error: "InvalidParameter",
    path: ["Offset"],
  });
export type StreamInvocationOutputInput = z.infer<typeof StreamInvocationOutputInput>;

/** A piece in Base64, a hole of dropped bytes, or how the run stands: `Ended` once per instance, after all of its output. */
export type OutputLine =
  | { readonly InstanceId: string; readonly Offset: number; readonly Data: string }
  | { readonly InstanceId: string; readonly Offset: number; readonly GapTo: number }
  | {
      readonly InstanceId: string;
      readonly InvocationStatus: RunStatus;
      readonly ExitCode?: number;
      readonly ErrorCode: string;
      readonly ErrorInfo: string;
      readonly OutputBytes: number;
      readonly Ended: boolean;
    };

type RunAnswer = {
  readonly InstanceId: string;
  readonly InvocationStatus: RunStatus;
  readonly ExitCode: number;
  readonly ErrorCode: string;
  readonly ErrorInfo: string;
  readonly Output: string;
  readonly Dropped: number;
  readonly Repeats: number;
  readonly StartTime: string;
  readonly StopTime: string;
  readonly OssOutputStatus: string;
  readonly OssOutputUri: string;
  readonly OssOutputErrorCode: string;
  readonly OssOutputErrorInfo: string;
};
export type InvokeInstanceAnswer = RunAnswer & {
  readonly InstanceInvokeStatus: string;
  readonly Timed: boolean;
  readonly CreationTime: string;
  readonly FinishTime: string;
  readonly UpdateTime: string;
};
export type InvocationResultAnswer = RunAnswer & {
  readonly InvokeId: string;
  readonly CommandId: string;
  readonly InvokeRecordStatus: string;
  readonly FinishedTime: string;
  readonly Username: string;
  readonly TerminationMode: TerminationMode | "";
  readonly Launcher: string;
  readonly ContainerId: string;
  readonly ContainerName: string;
  readonly OssOutputDelivery: string;
  readonly Tags: { readonly Tag: readonly TagAnswer[] };
};
export type InvocationAnswer = {
  readonly InvokeId: string;
  readonly InvocationStatus: string;
  readonly InvokeStatus: string;
  readonly CommandId: string;
  readonly CommandName: string;
  readonly CommandDescription: string;
  readonly CommandType: string;
  readonly CommandContent: string;
  /** A JSON document as text, `{}` when none. */
  readonly Parameters: string;
  readonly RepeatMode: RepeatMode;
  readonly Frequency: string;
  readonly Timed: boolean;
  readonly Timeout: number;
  readonly TerminationMode: TerminationMode | "";
  readonly Username: string;
  readonly WorkingDir: string;
  readonly Launcher: string;
  readonly ContainerId: string;
  readonly ContainerName: string;
  readonly OssOutputDelivery: string;
  readonly CreationTime: string;
  readonly Tags: { readonly Tag: readonly TagAnswer[] };
  readonly InvokeInstances: { readonly InvokeInstance: readonly InvokeInstanceAnswer[] };
};
export type DescribeInvocationsAnswer = TokenPage & {
  readonly Invocations: { readonly Invocation: readonly InvocationAnswer[] };
};
/** The paging fields sit inside `Invocation`. */
export type DescribeInvocationResultsAnswer = {
  readonly Invocation: TokenPage & {
    readonly InvocationResults: { readonly InvocationResult: readonly InvocationResultAnswer[] };
  };
};
