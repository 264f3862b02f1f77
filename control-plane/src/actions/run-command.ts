import { RunCommandInput, type RunCommandAnswer } from "@cloud-assistant/shared/api/run-command";
import type { Context } from "../context.ts";
import type { Command, NewInvocation } from "../store/store.ts";
import { defineAction } from "./action.ts";
import { startDemand } from "./choose-targets.ts";
import { toNewCommand } from "./new-command.ts";
import { toScope } from "./scope.ts";
import { startInvocation } from "./start-invocation.ts";
import { withClientToken } from "./with-client-token.ts";

/** Makes a command and runs it. Unless it is to be kept, the command exists in its invocation alone. */
export const runCommand = defineAction({
  name: "RunCommand",
  input: RunCommandInput,
  mutates: true,
  resources: (context, input, call) =>
    startDemand(context, toScope(call, input.RegionId), input.Type, input, { name: "command/*" }),
  run: (context, input, call) =>
    withClientToken<RunCommandAnswer>(context, call, input.ClientToken, async (requestFor) => {
      const command = toNewCommand(context, input, call);
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

/** A dry run keeps nothing; what it checks is the rest. */
function toKept({ config }: Context, input: RunCommandInput, command: Command): Pick<NewInvocation, "keep"> {
  return input.KeepCommand && input.RepeatMode !== "DryRun" ? { keep: { command, quota: config.maxCommands } } : {};
}
