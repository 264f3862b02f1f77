import { MODIFY_PARAMETER_CODES } from "@cloud-assistant/shared/api/parameters";
import {
  ModifyInvocationAttributeInput,
  type ModifyInvocationAttributeAnswer,
} from "@cloud-assistant/shared/api/invocations";
import { ApiError } from "@cloud-assistant/shared/errors";
import { DEFAULT_DELIVERY_TIMEOUT_SECONDS } from "@cloud-assistant/shared/limits";
import type { Context } from "../context.ts";
import { checkContent, decodeContent, type ContentCodes } from "../domain/command-content.ts";
import { checkFrequency } from "../domain/frequency.ts";
import { isRepeating } from "../domain/repeat.ts";
import { isFinalRun } from "../domain/run.ts";
import type { Invocation, InvocationChanges, KeptCommand } from "../store/store.ts";
import { defineAction, type Call } from "./action.ts";
import { checkNamed, deliver, toTargets } from "./choose-targets.ts";
import { resolveParameterReferences } from "./parameter-references.ts";
import { invocationResources, runAsOf, type Demand } from "./resources.ts";
import { findInvocation, isIn, toScope } from "./scope.ts";
import { withClientToken } from "./with-client-token.ts";

const CODES: ContentCodes = { ...MODIFY_PARAMETER_CODES, tooLong: "InvalidCommandContent.LengthLimitExceeded" };
const TARGET_CODES = {
  notFound: "InvalidInstanceId.NotFound",
  otherOs: "InvalidInstanceId.OSTypeUnsupported",
} as const;

/** Changes a schedule that is not over, and adds hosts; hosts that have it get the order again, with a higher revision. */
export const modifyInvocationAttribute = defineAction({
  name: "ModifyInvocationAttribute",
  input: ModifyInvocationAttributeInput,
  mutates: true,
  resources: toDemand,
  run: (context, input, call) =>
    withClientToken<ModifyInvocationAttributeAnswer>(context, call, input.ClientToken, async (requestFor) => {
      const { store, hub } = context;
      const was = await findRepeating(context, input, call);
      const changes = await toChanges(context, input, was, call);
      const before = await store.runs.listOf(was.invokeId);
      const answer = { CommandId: changes.content?.commandId ?? was.commandId };
      await store.invocations.modify(was.invokeId, changes, requestFor(answer)).catch((error: unknown) => {
        if (!(error instanceof ApiError) || error.code !== "CmdCount.ExceedQuota") throw error;
        throw new ApiError("CommandLimitExceeded", { values: [context.config.maxCommands] });
      });
      call.committed();
      hub.changed(before.filter(({ run }) => !isFinalRun(run)));
      const there = new Set(before.map(({ instanceId }) => instanceId));
      deliver(
        context,
        was.invokeId,
        changes.targets.filter(({ instanceId }) => !there.has(instanceId)),
      );
      return answer;
    }),
});

/** Its hosts, the ones it had and the ones it gets, its command, and a new one where the content is another. */
async function toDemand(
  context: Context,
  { RegionId, InvokeId, InstanceId, CommandContent }: ModifyInvocationAttributeInput,
  call: Call,
): Promise<Demand> {
  const scope = toScope(call, RegionId);
  const found = await context.store.invocations.find(InvokeId);
  const was = isIn(scope, found) ? found : undefined;
  const { instances, command } = await invocationResources(context, scope, { InvokeId });
  const added = InstanceId.length > 0 ? (await invocationResources(context, scope, { InstanceId })).instances : [];
  return {
    resources: [...instances, ...added, command, ...(CommandContent ? [{ name: "command/*" }] : [])],
    ...(was && { runAs: runAsOf(was.commandType, was.username) }),
  };
}

async function findRepeating(
  context: Context,
  { RegionId, InvokeId, Frequency }: ModifyInvocationAttributeInput,
  call: Call,
): Promise<Invocation> {
  const invocation = await findInvocation(context, toScope(call, RegionId), InvokeId);
  const { repeatMode } = invocation;
  if (!isRepeating(repeatMode) || (Frequency && repeatMode !== "Period"))
    throw new ApiError("InvalidOperation.RepeatModeUnsupported");
  return invocation;
}

async function toChanges(
  context: Context,
  input: ModifyInvocationAttributeInput,
  was: Invocation,
  call: Call,
): Promise<InvocationChanges> {
  const { clock, config } = context;
  const given =
    input.CommandContent &&
    decodeContent(input.CommandContent, input.ContentEncoding, "InvalidCommandContent.DecodeError");
  const content = given || was.content;
  const enableParameter = input.EnableParameter ?? was.enableParameter;
  const parameters = input.Parameters ?? (enableParameter ? was.parameters : {});
  checkContent(content, enableParameter, parameters, config.maxContentBytes, CODES);
  const createdMs = clock.now();
  const { timeoutSeconds, repeatMode } = was;
  if (input.Frequency)
    checkFrequency(input.Frequency, { nowMs: createdMs, timeoutSeconds, repeatMode }, "InvalidParameter.Frequency");
  if (input.InstanceId.length > config.maxInstancesPerInvocation) {
    throw new ApiError("InvalidInstanceId.CountLimitExceeded", { values: [config.maxInstancesPerInvocation] });
  }
  const instanceIds = await checkNamed(
    context,
    was,
    was.commandType,
    { InstanceId: input.InstanceId, ResourceGroupId: was.resourceGroupId },
    TARGET_CODES,
  );
  const deadlineMs = createdMs + DEFAULT_DELIVERY_TIMEOUT_SECONDS * 1000;
  const isOther = Buffer.compare(content, was.content) !== 0 || enableParameter !== was.enableParameter;
  const before = (await context.store.runs.listOf(was.invokeId)).map(({ instanceId }) => instanceId);
  const command = isOther ? await toNewCommand(context, was, content, enableParameter) : undefined;
  return {
    enableParameter,
    parameters,
    ...(input.Frequency && { frequency: input.Frequency }),
    ...command,
    sealedValues: await resolveParameterReferences(context, call, { ...was, content, enableParameter, parameters }, [
      ...before,
      ...instanceIds,
    ]),
    targets: toTargets(context, instanceIds, createdMs, deadlineMs),
    createdMs,
    deadlineMs,
    maxTargets: config.maxInstancesPerInvocation,
  };
}

/** Other content is another command; it is kept if the one before is. */
async function toNewCommand(
  { store, ids, clock, config }: Context,
  was: Invocation,
  content: Uint8Array,
  enableParameter: boolean,
): Promise<Pick<InvocationChanges, "content" | "keep">> {
  const commandId = ids.commandId();
  const kept = await store.commands.find(was.commandId);
  const command = kept && { ...kept, commandId, content, enableParameter, createdMs: clock.now(), invokeTimes: 0 };
  const keep: KeptCommand | undefined = command && { command, quota: config.maxCommands };
  return { content: { commandId, content }, ...(keep && { keep }) };
}
