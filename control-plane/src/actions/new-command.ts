import type { CreateCommandInput } from "@cloud-assistant/shared/api/commands";
import type { Context } from "../context.ts";
import { decodeContent } from "../domain/command-content.ts";
import { checkResourceGroup } from "../domain/resource-groups.ts";
import type { Command } from "../store/store.ts";
import type { Call } from "./action.ts";

/**
 * The command that CreateCommand or RunCommand describes, with an id of its own.
 * @throws {ApiError} `CmdContent.DecodeError`, `InvalidResourceGroup.NotFound`
 */
export function toNewCommand(
  { ids, clock, config }: Context,
  input: Omit<CreateCommandInput, "ClientToken">,
  { caller }: Call,
): Command {
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
