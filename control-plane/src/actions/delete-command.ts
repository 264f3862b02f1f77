import { DeleteCommandInput } from "@cloud-assistant/shared/api/commands";
import { defineAction } from "./action.ts";
import { findCommand } from "./find-command.ts";

/** Its invocations stay, with what they ran. */
export const deleteCommand = defineAction({
  name: "DeleteCommand",
  input: DeleteCommandInput,
  mutates: true,
  run: async (context, input, call) => {
    const { commandId } = await findCommand(context, input.RegionId, input.CommandId);
    await context.store.commands.remove(commandId, call.request);
    call.committed();
    return {};
  },
});
