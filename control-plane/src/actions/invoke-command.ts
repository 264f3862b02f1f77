import { InvokeCommandInput, type InvokeCommandAnswer } from "@cloud-assistant/shared/api/run-command";
import { defineAction } from "./action.ts";
import { startDemand } from "./choose-targets.ts";
import { findCommand } from "./find-command.ts";
import { commandResource } from "./resources.ts";
import { isIn, toScope } from "./scope.ts";
import { startInvocation } from "./start-invocation.ts";
import { withClientToken } from "./with-client-token.ts";

/** Runs a kept command. Directory, timeout and launcher of the call are for this run alone. */
export const invokeCommand = defineAction({
  name: "InvokeCommand",
  input: InvokeCommandInput,
  mutates: true,
  resources: async (context, input, call) => {
    const scope = toScope(call, input.RegionId);
    const found = await context.store.commands.find(input.CommandId);
    const command = isIn(scope, found) ? found : undefined;
    return startDemand(
      context,
      scope,
      command?.commandType ?? "RunShellScript",
      input,
      commandResource(input.CommandId, command),
    );
  },
  run: (context, input, call) =>
    withClientToken<InvokeCommandAnswer>(context, call, input.ClientToken, async (requestFor) => {
      const command = await findCommand(context, toScope(call, input.RegionId), input.CommandId);
      const workingDir = input.WorkingDir ?? command.workingDir;
      const timeoutSeconds = input.Timeout ?? command.timeoutSeconds;
      const launcher = input.Launcher || command.launcher;
      const InvokeId = await startInvocation(context, call, {
        command: { ...command, workingDir, timeoutSeconds, launcher },
        options: input,
        kept: { ofKeptCommand: true },
        requestFor: (invokeId) => requestFor({ InvokeId: invokeId }),
      });
      return { InvokeId };
    }),
});
