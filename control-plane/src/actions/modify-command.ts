import { ModifyCommandInput } from "@cloud-assistant/shared/api/commands";
import { defineAction } from "./action.ts";
import { findCommand } from "./find-command.ts";
import { findCommandResource } from "./resources.ts";
import { toScope } from "./scope.ts";

/** Invocations made before keep what they were made with. */
export const modifyCommand = defineAction({
  name: "ModifyCommand",
  input: ModifyCommandInput,
  mutates: true,
  resources: async (context, { RegionId, CommandId }, call) => ({
    resources: [await findCommandResource(context, toScope(call, RegionId), CommandId)],
  }),
  run: async (context, input, call) => {
    const { commandId } = await findCommand(context, toScope(call, input.RegionId), input.CommandId);
    const changes = {
      name: input.Name,
      description: input.Description,
      workingDir: input.WorkingDir,
      timeoutSeconds: input.Timeout,
      launcher: input.Launcher,
    };
    await context.store.commands.modify(commandId, changes, call.request);
    call.committed();
    return {};
  },
});
