import { toSecondsTime, type TagAnswer } from "@cloud-assistant/shared/api/answers";
import type { InvocationResultAnswer, InvokeInstanceAnswer } from "@cloud-assistant/shared/api/invocations";
import { OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES } from "@cloud-assistant/shared/limits";
import { legacyRunStatus, overallStatus, willRunAgain } from "../domain/invocation-status.ts";
import { toShownOutput, type ShownOutput } from "../domain/output-view.ts";
import { isFinalRun } from "../domain/run.ts";
import type { Invocation, OutputStore, StoredRun, Tag } from "../store/store.ts";

export type Encoding = "PlainText" | "Base64";

/** Base64 is exact; PlainText replaces invalid bytes by U+FFFD. */
export function toEncoded(bytes: Uint8Array, encoding: Encoding): string {
  return Buffer.from(bytes).toString(encoding === "Base64" ? "base64" : "utf8");
}

export function toTime(atMs: number | undefined): string {
  return toSecondsTime(atMs === undefined ? undefined : new Date(atMs).toISOString());
}

export function toTags(tags: readonly Tag[]): TagAnswer[] {
  return tags.map(({ key, value }) => ({ TagKey: key, TagValue: value }));
}

export async function readShownOutput(output: OutputStore, run: StoredRun): Promise<ShownOutput> {
  return toShownOutput(await output.view(run, OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES));
}

/** @param shown undefined where the caller did not ask for output */
export function toInvokeInstance(
  invocation: Invocation,
  stored: StoredRun,
  shown: ShownOutput | undefined,
  encoding: Encoding,
): InvokeInstanceAnswer {
  const { common, finishedTime } = toRunAnswer(invocation, stored, shown, encoding);
  return {
    ...common,
    InstanceInvokeStatus: legacyRunStatus(stored.run.status),
    Timed: willRunAgain(overallStatus([stored.run.status]), invocation.repeatMode),
    CreationTime: toTime(stored.createdMs),
    FinishTime: finishedTime,
    UpdateTime: toTime(stored.updatedMs),
  };
}

export function toInvocationResult(
  invocation: Invocation,
  stored: StoredRun,
  shown: ShownOutput,
  encoding: Encoding,
): InvocationResultAnswer {
  const { common, finishedTime } = toRunAnswer(invocation, stored, shown, encoding);
  return {
    ...common,
    InvokeId: stored.invokeId,
    CommandId: invocation.commandId,
    InvokeRecordStatus: legacyRunStatus(stored.run.status),
    FinishedTime: finishedTime,
    ...toRunWith(invocation),
    Tags: { Tag: toTags(invocation.tags) },
  };
}

/** What a run was told to run with, as all answers spell it. The users are those of hosts left to themselves. */
export function toRunWith(invocation: Invocation) {
  return {
    Username: invocation.username || (invocation.commandType === "RunShellScript" ? "root" : "System"),
    TerminationMode: invocation.terminationMode,
    Launcher: invocation.launcher,
    ContainerId: invocation.containerId,
    ContainerName: invocation.containerName,
    OssOutputDelivery: invocation.ossOutputDelivery,
  };
}

export function toWorkingDir({ workingDir, commandType, username }: Invocation): string {
  return workingDir || (commandType === "RunShellScript" && ["", "root"].includes(username) ? "/root" : "");
}

/** Output that was to be delivered is not, in this version: told, so that nobody waits for it. */
function toDelivery({ ossOutputDelivery }: Invocation, over: boolean) {
  const failed = ossOutputDelivery !== "" && over;
  return {
    OssOutputStatus: failed ? "Failed" : ossOutputDelivery && "InProgress",
    OssOutputUri: "",
    OssOutputErrorCode: failed ? "NotSupported" : "",
    OssOutputErrorInfo: failed ? "this control plane cannot deliver output yet" : "",
  };
}

function toRunAnswer(
  invocation: Invocation,
  { instanceId, iteration, run }: StoredRun,
  shown: ShownOutput | undefined,
  encoding: Encoding,
) {
  const outcome = isFinalRun(run) ? run : undefined;
  const startedMs = "startedMs" in run ? run.startedMs : undefined;
  const common = {
    InstanceId: instanceId,
    InvocationStatus: run.status,
    ExitCode: outcome?.exitCode ?? 0, // always a number: Terraform formats it as one
    ErrorCode: outcome?.errorCode ?? "",
    ErrorInfo: outcome?.errorInfo ?? "",
    Output: shown ? toEncoded(shown.bytes, encoding) : "",
    Dropped: shown?.dropped ?? 0,
    Repeats: startedMs === undefined ? iteration - 1 : iteration,
    StartTime: toTime(startedMs),
    StopTime: toTime("stopMs" in run ? run.stopMs : undefined),
    ...toDelivery(invocation, outcome !== undefined),
  };
  return { common, finishedTime: toTime(outcome?.finishedMs) };
}
