import { ModifyCommandInput } from "@cloud-assistant/shared/api/commands";
import { defineAction } from "./action.ts";
import { findCommand } from "./find-command.ts";

/** Invocations made before keep what they were made with. */
export const modifyCommand = defineAction({
  name: "ModifyCommand",
  input: ModifyCommandInput,
  mutates: true,
  run: async (context, input, call) => {
    const { commandId } = await findCommand(context, input.RegionId, input.CommandId);
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
