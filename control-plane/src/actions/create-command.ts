import { CreateCommandInput, type CreateCommandAnswer } from "@cloud-assistant/shared/api/commands";
import { checkContent } from "../domain/command-content.ts";
import { defineAction } from "./action.ts";
import { toNewCommand } from "./new-command.ts";
import { withClientToken } from "./with-client-token.ts";

export const createCommand = defineAction({
  name: "CreateCommand",
  input: CreateCommandInput,
  mutates: true,
  resources: (_context, { Tag }) => ({ resources: [{ name: "command/*" }], requestTags: Tag }),
  run: (context, input, call) =>
    withClientToken<CreateCommandAnswer>(context, call, input.ClientToken, async (requestFor) => {
      const command = toNewCommand(context, input, call);
      checkContent(command.content, command.enableParameter, {}, context.config.maxContentBytes);
      const answer = { CommandId: command.commandId };
      await context.store.commands.insert({ command, quota: context.config.maxCommands }, requestFor(answer));
      call.committed();
      return answer;
    }),
});
