import { DeleteCommandInput } from "@cloud-assistant/shared/api/commands";
import { defineAction } from "./action.ts";
import { findCommand } from "./find-command.ts";
import { findCommandResource } from "./resources.ts";
import { toScope } from "./scope.ts";

/** Its invocations stay, with what they ran. */
export const deleteCommand = defineAction({
  name: "DeleteCommand",
  input: DeleteCommandInput,
  mutates: true,
  resources: async (context, { RegionId, CommandId }, call) => ({
    resources: [await findCommandResource(context, toScope(call, RegionId), CommandId)],
  }),
  run: async (context, input, call) => {
    const { commandId } = await findCommand(context, toScope(call, input.RegionId), input.CommandId);
    await context.store.commands.remove(commandId, call.request);
    call.committed();
    return {};
  },
});
