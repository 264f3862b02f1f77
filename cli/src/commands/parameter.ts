import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type {
  GetParameterAnswer,
  ListParametersAnswer,
  OneParameterAnswer,
  ParameterAnswer,
} from "@cloud-assistant/shared/api/parameter-store";
import { OOS_VERSION } from "@cloud-assistant/shared/api/versions";
import { Client } from "../client.ts";
import { ApiFailure, CliFailure } from "../failure.ts";
import { readAll, write, writeJson, type Io } from "../io.ts";
import { printable } from "../printable.ts";
import { toTable } from "../table.ts";
import { resolveTarget, type TargetFlags } from "../target.ts";

export type ParameterFlags = TargetFlags & { readonly secret?: boolean; readonly json?: boolean };
export type PutFlags = ParameterFlags & {
  readonly value?: string;
  readonly valueFile?: string;
  readonly description?: string;
};

export async function runParameterPut(name: string, flags: PutFlags, io: Io): Promise<number> {
  const value = await readValue(flags, io);
  const about = { Name: name, Value: value, Description: flags.description };
  const { Parameter } = await withClient(flags, io, async (client) => {
    try {
      return await client.call<OneParameterAnswer>(action("Update", flags), about);
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.code !== "EntityNotExists.Parameter") throw error;
      const made = { ...about, Type: flags.secret ? "Secret" : "String", ClientToken: randomUUID() };
      return client.callRepeatably<OneParameterAnswer>(action("Create", flags), made);
    }
  });
  if (flags.json) await writeJson(io, toJson(Parameter));
  else await write(io.stdout, `${printable(Parameter.Name)} has version ${Parameter.ParameterVersion}.\n`);
  return 0;
}

export async function runParameterGet(
  name: string,
  flags: ParameterFlags & { readonly version?: number },
  io: Io,
): Promise<number> {
  const asked = { Name: name, ParameterVersion: flags.version, WithDecryption: flags.secret };
  const { Parameter } = await withClient(flags, io, (client) =>
    client.call<GetParameterAnswer>(action("Get", flags), asked),
  );
  if (flags.json) await writeJson(io, { ...toJson(Parameter), value: Parameter.Value });
  else await write(io.stdout, `${Parameter.Value}\n`);
  return 0;
}

export async function runParameterList(flags: ParameterFlags & { readonly path?: string }, io: Io): Promise<number> {
  const found = await withClient(flags, io, async (client) => {
    const all: ParameterAnswer[] = [];
    let token: string | undefined;
    do {
      const asked = {
        MaxResults: 100,
        NextToken: token,
        Path: flags.path,
        Recursive: true,
        SortField: "Name",
        SortOrder: "Ascending",
      };
      const answer: ListParametersAnswer = await client.call<ListParametersAnswer>(
        `List${flags.secret ? "Secret" : ""}Parameters`,
        asked,
      );
      all.push(...answer.Parameters);
      token = answer.NextToken;
    } while (token);
    return all;
  });
  if (flags.json) await writeJson(io, found.map(toJson));
  else await write(io.stdout, toTable(["name", "type", "version", "updated", "description"], found.map(toRow)));
  return 0;
}

export async function runParameterDelete(name: string, flags: ParameterFlags, io: Io): Promise<number> {
  await withClient(flags, io, (client) => client.call(action("Delete", flags), { Name: name }));
  if (flags.json) await writeJson(io, { name });
  else await write(io.stdout, `${printable(name)} is deleted.\n`);
  return 0;
}

async function withClient<T>(flags: TargetFlags, io: Io, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(resolveTarget(flags, io.env), OOS_VERSION);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

function action(verb: "Create" | "Update" | "Get" | "Delete", { secret }: ParameterFlags): string {
  return `${verb}${secret ? "Secret" : ""}Parameter`;
}

async function readValue({ secret, value, valueFile }: PutFlags, io: Io): Promise<string> {
  if (secret && value !== undefined)
    throw new CliFailure(
      "a secret is not given as an argument, which others see in the process list: --value-file FILE, or - for standard input",
    );
  if (value !== undefined) return value;
  if (valueFile === undefined)
    throw new CliFailure(
      "the value is wanted: --value-file FILE (or - for standard input)" + (secret ? "" : ", or --value TEXT"),
    );
  const bytes = valueFile === "-" ? await readAll(io.stdin) : readFile(valueFile);
  return bytes.toString().replace(/\r?\n$/, "");
}

function readFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new CliFailure(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function toRow({ Name, Type, ParameterVersion, UpdatedDate, Description }: ParameterAnswer): string[] {
  return [Name, Type, String(ParameterVersion), UpdatedDate, Description];
}

function toJson(parameter: ParameterAnswer) {
  return {
    name: parameter.Name,
    id: parameter.Id,
    type: parameter.Type,
    version: parameter.ParameterVersion,
    description: parameter.Description,
    updatedAt: parameter.UpdatedDate,
    updatedBy: parameter.UpdatedBy,
    tags: parameter.Tags,
  };
}
