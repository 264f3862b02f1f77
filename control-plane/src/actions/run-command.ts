import { RunCommandInput, type RunCommandAnswer } from "@cloud-assistant/shared/api/run-command";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import { checkContent, decodeContent } from "../domain/command-content.ts";
import type { Run } from "../domain/run.ts";
import type { Invocation, NewInvocation } from "../store/store.ts";
import { defineAction, type Call } from "./action.ts";
import { findInstances } from "./find-instances.ts";
import { instanceResources, runAsOf } from "./resources.ts";
import { toScope } from "./scope.ts";
import { withClientToken } from "./with-client-token.ts";

/** Makes the invocation and its runs in one transaction; orders leave after the commit, to hosts that are connected. */
export const runCommand = defineAction({
  name: "RunCommand",
  input: RunCommandInput,
  mutates: true,
  resources: async (context, { RegionId, InstanceId, Type, Username, Tag }, call) => {
    const instances = InstanceId.length === 0 ? [] : await instanceResources(context, toScope(call, RegionId), InstanceId);
    return { resources: [...instances, { name: "command/*" }], runAs: runAsOf(Type, Username), requestTags: Tag };
  },
  run: (context, input, call) =>
    withClientToken<RunCommandAnswer>(context, call, input.ClientToken, async (requestFor) => {
      refuseUnsupported(input);
      const content = decodeContent(input.CommandContent, input.ContentEncoding);
      checkContent(content, input.EnableParameter, input.Parameters);
      await checkTargets(context, input, call);

      const invocation = toInvocation(context, input, content, call);
      const { invokeId, commandId } = invocation;
      const answer = { CommandId: commandId, InvokeId: invokeId };
      const targets = toTargets(context, input.InstanceId, invocation);
      await context.store.invocations.create({ invocation, targets }, requestFor(answer));
      call.committed();
      const [sent, waiting] = [targets.filter(isSent), targets.filter((target) => !isSent(target))];
      context.hub.send(sent.map(({ instanceId }) => ({ instanceId, invokeId, iteration: 1 })));
      context.hub.wake(waiting.map(({ instanceId }) => instanceId)); // one may have connected during the commit
      return answer;
    }),
});

/** Documented, and not there yet: refused by name, so that nobody believes it was done. */
function refuseUnsupported(input: RunCommandInput): void {
  if (input.RepeatMode === "Period" && !input.Frequency) throw new ApiError("MissingParam.Frequency");
  if (input.ResourceTag.length > 0 && input.InstanceId.length > 0) throw new ApiError("InvalidResourceTag.ConflictWithInstanceIds");
  const asked: Record<string, boolean> = {
    RepeatMode: input.RepeatMode !== undefined && input.RepeatMode !== "Once",
    Frequency: input.Frequency !== undefined,
    KeepCommand: input.KeepCommand,
    Launcher: input.Launcher !== "",
    ContainerId: input.ContainerId !== undefined,
    ContainerName: input.ContainerName !== undefined,
    ResourceTag: input.ResourceTag.length > 0,
    ResourceGroupId: input.ResourceGroupId !== undefined,
    OssOutputDelivery: input.OssOutputDelivery !== undefined,
    WindowsPasswordName: input.WindowsPasswordName !== "",
  };
  const name = Object.keys(asked).find((parameter) => asked[parameter]);
  if (name) throw new ApiError("Operation.Forbidden", { detail: `The operation is not permitted: this use of the parameter ${name} is not supported.` });
}

async function checkTargets(context: Context, { RegionId, InstanceId, Type }: RunCommandInput, call: Call): Promise<void> {
  if (InstanceId.length === 0) throw new ApiError("MissingParam.InstanceId");
  if (InstanceId.length > context.config.maxInstancesPerInvocation) throw new ApiError("InstanceIds.ExceedLimit");
  const instances = await findInstances(context, toScope(call, RegionId), InstanceId);
  if (instances.length < InstanceId.length) throw new ApiError("InvalidInstance.NotFound");
  const osType = Type === "RunShellScript" ? "linux" : "windows";
  if (instances.some(({ host }) => host.osType !== osType)) throw new ApiError("InvalidInstance.NotMatch");
}

function toInvocation({ ids, clock }: Context, input: RunCommandInput, content: Uint8Array, { caller }: Call): Invocation {
  const createdMs = clock.now();
  return {
    invokeId: ids.invokeId(),
    commandId: ids.commandId(),
    accountId: caller.accountId,
    regionId: input.RegionId,
    name: input.Name,
    description: input.Description,
    commandType: input.Type,
    content,
    parameters: input.Parameters,
    enableParameter: input.EnableParameter,
    workingDir: input.WorkingDir,
    username: input.Username,
    timeoutSeconds: input.Timeout,
    terminationMode: input.TerminationMode ?? "",
    repeatMode: "Once",
    createdMs,
    deadlineMs: createdMs + input.DeliveryTimeout * 1000,
    tags: input.Tag,
  };
}

function toTargets({ hub }: Context, instanceIds: readonly string[], { createdMs, deadlineMs }: Invocation): NewInvocation["targets"] {
  return instanceIds.map((instanceId) => {
    const sentLedgerId = hub.ledgerOf(instanceId);
    const pending: Run = { status: "Pending", deadlineMs };
    return sentLedgerId === undefined ? { instanceId, run: pending } : { instanceId, run: { ...pending, sentMs: createdMs }, sentLedgerId };
  });
}

function isSent({ sentLedgerId }: NewInvocation["targets"][number]): boolean {
  return sentLedgerId !== undefined;
}
