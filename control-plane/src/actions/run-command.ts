import { RunCommandInput, type RunCommandAnswer } from "@cloud-assistant/shared/api/run-command";
import type { Context } from "../context.ts";
import { decodeContent } from "../domain/command-content.ts";
import type { Command, NewInvocation } from "../store/store.ts";
import { defineAction, type Call } from "./action.ts";
import { startInvocation } from "./start-invocation.ts";
import { withClientToken } from "./with-client-token.ts";

/** Makes a command and runs it. Unless it is to be kept, the command exists in its invocation alone. */
export const runCommand = defineAction({
  name: "RunCommand",
  input: RunCommandInput,
  mutates: true,
  run: (context, input, call) =>
    withClientToken<RunCommandAnswer>(context, call, input.ClientToken, async (requestFor) => {
      const command = toCommand(context, input, call);
      const CommandId = command.commandId;
      const InvokeId = await startInvocation(context, call, {
        command,
        options: input,
        kept: toKept(context, input, command),
        requestFor: (invokeId) => requestFor({ CommandId, InvokeId: invokeId }),
      });
      return { CommandId, InvokeId };
    }),
});

function toCommand({ ids, clock }: Context, input: RunCommandInput, { caller }: Call): Command {
  return {
    commandId: ids.commandId(),
    accountId: caller.accountId,
    regionId: input.RegionId,
    name: input.Name,
    description: input.Description,
    commandType: input.Type,
    content: decodeContent(input.CommandContent, input.ContentEncoding),
    enableParameter: input.EnableParameter,
    workingDir: input.WorkingDir,
    timeoutSeconds: input.Timeout,
    launcher: input.Launcher,
    resourceGroupId: input.ResourceGroupId ?? "",
    createdMs: clock.now(),
    invokeTimes: 0,
    tags: input.Tag,
  };
}

/** A dry run keeps nothing; what it checks is the rest. */
function toKept({ config }: Context, input: RunCommandInput, command: Command): Pick<NewInvocation, "keep"> {
  return input.KeepCommand && input.RepeatMode !== "DryRun" ? { keep: { command, quota: config.maxCommands } } : {};
}
