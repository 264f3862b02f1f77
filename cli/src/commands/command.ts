import { randomUUID } from "node:crypto";
import type { CommandAnswer, CreateCommandAnswer, DescribeCommandsAnswer } from "@cloud-assistant/shared/api/commands";
import { Client } from "../client.ts";
import { write, writeJson, type Io } from "../io.ts";
import { readScript } from "../read-script.ts";
import { toTable } from "../table.ts";
import { resolveTarget, type TargetFlags } from "../target.ts";

/** What DescribeCommands gives at once. */
const PAGE = 50;

export type CommandFlags = TargetFlags & {
  name?: string;
  description?: string;
  dir?: string;
  timeout?: number;
  launcher?: string;
  json?: boolean;
};

export async function runCommandCreate(
  words: readonly string[],
  flags: CommandFlags & { file?: string; parameters?: boolean },
  io: Io,
): Promise<number> {
  const script = await readScript(words, flags.file, io);
  const client = new Client(resolveTarget(flags, io.env));
  const { CommandId } = await client.callRepeatably<CreateCommandAnswer>("CreateCommand", {
    ClientToken: randomUUID(),
    Type: "RunShellScript",
    CommandContent: script.toString("base64"),
    EnableParameter: flags.parameters,
    ...toParameters(flags),
  });
  client.close();
  if (flags.json) await writeJson(io, { commandId: CommandId });
  else await write(io.stdout, `${CommandId}\n`);
  return 0;
}

export async function runCommandModify(commandId: string, flags: CommandFlags, io: Io): Promise<number> {
  return change("ModifyCommand", { CommandId: commandId, ...toParameters(flags) }, flags, io);
}

export async function runCommandDelete(
  commandId: string,
  flags: TargetFlags & { json?: boolean },
  io: Io,
): Promise<number> {
  return change("DeleteCommand", { CommandId: commandId }, flags, io);
}

export async function runCommandList(flags: TargetFlags & { name?: string; json?: boolean }, io: Io): Promise<number> {
  const client = new Client(resolveTarget(flags, io.env));
  const commands: CommandAnswer[] = [];
  let token: string | undefined;
  do {
    const answer = await client.call<DescribeCommandsAnswer>("DescribeCommands", {
      Name: flags.name,
      MaxResults: PAGE,
      NextToken: token,
    });
    commands.push(...answer.Commands.Command);
    token = answer.NextToken;
  } while (token);
  client.close();
  if (flags.json) await writeJson(io, commands.map(toJson));
  else
    await write(
      io.stdout,
      toTable(["command", "name", "created", "invoked", "parameters", "description"], commands.map(toRow)),
    );
  return 0;
}

async function change(
  action: string,
  parameters: Record<string, string | number | undefined>,
  flags: TargetFlags & { json?: boolean },
  io: Io,
): Promise<number> {
  const client = new Client(resolveTarget(flags, io.env));
  await client.call(action, parameters);
  client.close();
  if (flags.json) await writeJson(io, { commandId: parameters["CommandId"] });
  return 0;
}

function toParameters(flags: CommandFlags) {
  return {
    Name: flags.name,
    Description: flags.description,
    WorkingDir: flags.dir,
    Timeout: flags.timeout,
    Launcher: flags.launcher,
  };
}

function toRow(command: CommandAnswer): (string | number)[] {
  const { CommandId, Name, CreationTime, InvokeTimes, ParameterNames, Description } = command;
  return [CommandId, Name, CreationTime, InvokeTimes, ParameterNames.ParameterName.join(" "), Description];
}

function toJson(command: CommandAnswer) {
  return {
    commandId: command.CommandId,
    name: command.Name,
    description: command.Description,
    type: command.Type,
    script: Buffer.from(command.CommandContent, "base64").toString(),
    parameters: command.ParameterNames.ParameterName,
    workingDir: command.WorkingDir,
    timeout: command.Timeout,
    launcher: command.Launcher,
    createdAt: command.CreationTime,
    invokeTimes: command.InvokeTimes,
  };
}
