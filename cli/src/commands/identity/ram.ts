import type { NewAccessKeyAnswer } from "@cloud-assistant/shared/api/identity";
import { RAM_VERSION } from "@cloud-assistant/shared/api/versions";
import { Client, type Parameters } from "../../client.ts";
import { resolveTarget, type TargetFlags } from "../../target.ts";
import { write, writeJson, type Io } from "../../io.ts";

/** What every command here takes. */
export type Flags = TargetFlags & { readonly json?: boolean };

/** Calls a RAM action. */
export type Ram = <T>(action: string, parameters?: Parameters) => Promise<T>;

export function withRam(flags: Flags, io: Io, work: (ram: Ram) => Promise<void>): Promise<number> {
  return withClient(flags, io, RAM_VERSION, (client) =>
    work((action, parameters = {}) => client.call(action, parameters)),
  );
}

/** Runs `work` with a client of the API of that version, and closes it. */
export async function withClient(
  flags: Flags,
  io: Io,
  version: string,
  work: (client: Client) => Promise<void>,
): Promise<number> {
  const client = new Client(resolveTarget(flags, io.env), version);
  try {
    await work(client);
  } finally {
    client.close();
  }
  return 0;
}

/** One or the other: a JSON value for programs, text for people. */
export async function tell(flags: Flags, io: Io, json: unknown, text: string): Promise<void> {
  if (flags.json) await writeJson(io, json);
  else await write(io.stdout, text);
}

export function toJsonKey(key: NewAccessKeyAnswer): { accessKeyId: string; accessKeySecret: string } {
  return { accessKeyId: key.AccessKeyId, accessKeySecret: key.AccessKeySecret };
}

export function toKeyText({ AccessKeyId, AccessKeySecret }: NewAccessKeyAnswer): string {
  return `AccessKeyId      ${AccessKeyId}\nAccessKeySecret  ${AccessKeySecret}   (shown this once)\n`;
}
