import { randomUUID } from "node:crypto";
import type { RepeatMode } from "@cloud-assistant/shared/vocabulary";
import type { Client } from "./client.ts";
import { followRun } from "./follow-run.ts";
import { write, writeJson, type Io } from "./io.ts";
import type { TargetFlags } from "./target.ts";

/** What `run` and `invoke` share. */
export type RunFlags = TargetFlags & {
  instance: string[];
  user?: string;
  dir?: string;
  timeout?: number;
  deliveryTimeout?: number;
  param?: Record<string, string>;
  tree?: boolean;
  launcher?: string;
  repeat?: RepeatMode;
  frequency?: string;
  json?: boolean;
};

export function toRunParameters(instanceIds: readonly string[], flags: RunFlags) {
  return {
    ClientToken: randomUUID(),
    InstanceId: instanceIds,
    Username: flags.user,
    WorkingDir: flags.dir,
    Timeout: flags.timeout,
    DeliveryTimeout: flags.deliveryTimeout,
    TerminationMode: flags.tree ? "ProcessTree" : undefined,
    Launcher: flags.launcher,
    RepeatMode: flags.repeat,
    Frequency: flags.frequency,
    Parameters: flags.param && JSON.stringify(flags.param),
  };
}

export type Made = { readonly InvokeId: string; readonly CommandId?: string };

/** Follows what runs now; what runs later is only named, with the command it keeps. */
export async function tellMade(
  client: Client,
  made: Made,
  instanceIds: readonly string[],
  flags: RunFlags,
  io: Io,
): Promise<number> {
  const later =
    flags.frequency !== undefined || (flags.repeat !== undefined && !["Once", "DryRun"].includes(flags.repeat));
  if (!later) return followRun({ client, invokeId: made.InvokeId, instanceIds, json: flags.json === true }, io);
  client.close();
  if (flags.json) await writeJson(io, { invokeId: made.InvokeId, commandId: made.CommandId });
  else await write(io.stdout, `${made.InvokeId}\n`);
  return 0;
}
