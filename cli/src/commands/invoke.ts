import type { InvokeCommandAnswer } from "@cloud-assistant/shared/api/run-command";
import { Client } from "../client.ts";
import type { Io } from "../io.ts";
import { tellMade, toRunParameters, type RunFlags } from "../run-flags.ts";
import { resolveTarget } from "../target.ts";

export async function runInvoke(commandId: string, flags: RunFlags, io: Io): Promise<number> {
  const client = new Client(resolveTarget(flags, io.env));
  const instanceIds = [...new Set(flags.instance)];
  const parameters = { CommandId: commandId, ...toRunParameters(instanceIds, flags) };
  const made = await client.callRepeatably<InvokeCommandAnswer>("InvokeCommand", parameters);
  return tellMade(client, { ...made, CommandId: commandId }, instanceIds, flags, io);
}
