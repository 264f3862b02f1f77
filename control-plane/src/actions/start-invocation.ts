import type { RunOptions } from "@cloud-assistant/shared/api/run-options";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import { checkContent } from "../domain/command-content.ts";
import { isDeliveryTarget } from "../domain/delivery-target.ts";
import { checkFrequency } from "../domain/frequency.ts";
import { toRepeatMode } from "../domain/repeat.ts";
import { checkResourceGroup } from "../domain/resource-groups.ts";
import { dryRun } from "../domain/run.ts";
import type { Command, Invocation, NewInvocation, RequestNonce } from "../store/store.ts";
import type { Call } from "./action.ts";
import { chooseTargets, deliver, toTargets } from "./choose-targets.ts";
import { resolveParameterReferences } from "./parameter-references.ts";

/** What RunCommand and InvokeCommand do alike. `command` is what this run takes of it: its directory, timeout and launcher may be the call's. */
export type Start = {
  readonly command: Command;
  readonly options: RunOptions;
  readonly kept: Pick<NewInvocation, "keep" | "ofKeptCommand">;
  /** Given the id of the invocation, what commits with it. */
  readonly requestFor: (invokeId: string) => RequestNonce;
};

/**
 * Checks everything, makes the invocation and its runs in one transaction, then sends. A dry run's runs are over from the start.
 * @returns the InvokeId
 * @throws {ApiError} the documented error of the first thing that is not right
 */
export async function startInvocation(
  context: Context,
  call: Call,
  { command, options, kept, requestFor }: Start,
): Promise<string> {
  const checked = toInvocation(context, call, command, options);
  checkContent(command.content, command.enableParameter, options.Parameters, context.config.maxContentBytes);
  checkOptions(context, checked);
  const instanceIds = await chooseTargets(context, call, command, options);

  const sealedValues = await resolveParameterReferences(context, call, checked, instanceIds);
  const invocation: Invocation = { ...checked, sealedValues };
  const { invokeId, createdMs, deadlineMs, repeatMode } = invocation;
  const isDry = repeatMode === "DryRun";
  const targets = isDry
    ? instanceIds.map((instanceId) => ({ instanceId, run: dryRun(context.hub.isConnected(instanceId), createdMs) }))
    : toTargets(context, instanceIds, createdMs, deadlineMs);
  const dailyQuota = context.config.maxInvocationsPerDay;
  await context.store.invocations.create({ invocation, targets, ...kept, dailyQuota }, requestFor(invokeId));
  call.committed();
  if (!isDry) deliver(context, invokeId, targets, { invocation, targets: instanceIds });
  return invokeId;
}

function toInvocation(
  { ids, clock, config }: Context,
  { caller }: Call,
  command: Command,
  options: RunOptions,
): Invocation {
  const createdMs = clock.now();
  return {
    invokeId: ids.invokeId(),
    commandId: command.commandId,
    accountId: caller.accountId,
    regionId: command.regionId,
    name: command.name,
    description: command.description,
    commandType: command.commandType,
    content: command.content,
    parameters: options.Parameters,
    enableParameter: command.enableParameter,
    workingDir: command.workingDir,
    username: options.Username,
    timeoutSeconds: command.timeoutSeconds,
    terminationMode: options.TerminationMode ?? "",
    repeatMode: toRepeatMode(options.RepeatMode, options.Frequency),
    frequency: options.Frequency ?? "",
    launcher: command.launcher,
    containerId: options.ContainerId ?? "",
    containerName: options.ContainerName ?? "",
    windowsPasswordName: options.WindowsPasswordName,
    ossOutputDelivery: options.OssOutputDelivery ?? "",
    sealedValues: "",
    resourceGroupId: checkResourceGroup(options.ResourceGroupId, config.resourceGroupIds),
    revision: 0,
    createdMs,
    deadlineMs: createdMs + options.DeliveryTimeout * 1000,
    tags: options.Tag,
  };
}

function checkOptions({ config, clock }: Context, invocation: Invocation): void {
  const { commandType, username, windowsPasswordName, frequency, timeoutSeconds, repeatMode, ossOutputDelivery } =
    invocation;
  const otherUser = commandType !== "RunShellScript" && !["", "system"].includes(username.toLowerCase());
  if (otherUser && windowsPasswordName === "") throw new ApiError("WindowsPasswordName.Missed");
  if (frequency !== "") checkFrequency(frequency, { nowMs: clock.now(), timeoutSeconds, repeatMode });
  if (ossOutputDelivery !== "" && !isDeliveryTarget(ossOutputDelivery, config.outputDeliveryTargets)) {
    throw new ApiError("InvalidParameter", { values: ["OssOutputDelivery"] });
  }
}
