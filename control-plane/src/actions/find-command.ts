import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import type { Command } from "../store/store.ts";

/** A kept command of the region. @throws {ApiError} `InvalidCmdId.NotFound` */
export async function findCommand({ store }: Pick<Context, "store">, regionId: string, commandId: string): Promise<Command> {
  const command = await store.commands.find(commandId);
  if (command?.regionId !== regionId) throw new ApiError("InvalidCmdId.NotFound");
  return command;
}
