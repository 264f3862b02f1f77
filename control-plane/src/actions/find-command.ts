import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import type { Command, Scope } from "../store/store.ts";
import { isIn } from "./scope.ts";

/** A kept command. @throws {ApiError} `InvalidCmdId.NotFound`, also for one of another account or region. */
export async function findCommand(
  { store }: Pick<Context, "store">,
  scope: Scope,
  commandId: string,
): Promise<Command> {
  const command = await store.commands.find(commandId);
  if (!isIn(scope, command)) throw new ApiError("InvalidCmdId.NotFound");
  return command;
}
