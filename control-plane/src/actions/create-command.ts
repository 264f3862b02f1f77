import { CreateCommandInput, type CreateCommandAnswer } from "@cloud-assistant/shared/api/commands";
import type { Context } from "../context.ts";
import { checkContent, decodeContent } from "../domain/command-content.ts";
import { checkResourceGroup } from "../domain/resource-groups.ts";
import type { Command } from "../store/store.ts";
import { defineAction, type Call } from "./action.ts";
import { withClientToken } from "./with-client-token.ts";

export const createCommand = defineAction({
  name: "CreateCommand",
  input: CreateCommandInput,
  mutates: true,
  run: (context, input, call) =>
    withClientToken<CreateCommandAnswer>(context, call, input.ClientToken, async (requestFor) => {
      const command = toCommand(context, input, call);
      checkContent(command.content, command.enableParameter, {});
      const answer = { CommandId: command.commandId };
      await context.store.commands.insert({ command, quota: context.config.maxCommands }, requestFor(answer));
      call.committed();
      return answer;
    }),
});

function toCommand({ ids, clock, config }: Context, input: CreateCommandInput, { caller }: Call): Command {
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
    resourceGroupId: checkResourceGroup(input.ResourceGroupId, config.resourceGroupIds),
    createdMs: clock.now(),
    invokeTimes: 0,
    tags: input.Tag,
  };
}
