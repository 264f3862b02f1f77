import type { Client } from "./client.ts";
import { nameHosts } from "./hosts.ts";
import { catchInterrupt } from "./interrupt.ts";
import type { Io } from "./io.ts";
import { OutputPrinter } from "./output-printer.ts";
import { followOutput, type StatusLine } from "./output-stream.ts";
import { startProgressBar } from "./progress-bar.ts";
import { tellResult } from "./run-result.ts";

export type Started = {
  readonly client: Client;
  readonly invokeId: string;
  readonly instanceIds: readonly string[];
  readonly json: boolean;
};

/** Prints the output of an invocation as it comes, and how it ended. @returns the exit code of the command line */
export async function followRun({ client, invokeId, instanceIds, json }: Started, io: Io): Promise<number> {
  const interrupt = catchInterrupt();
  try {
    const endings = await follow({ client, invokeId, instanceIds, json, signal: interrupt.signal }, io);
    if (endings) return await tellResult({ client, invokeId, json, ...endings }, io);
    io.stderr.write(`Detached from ${invokeId}; its script goes on. To follow it again or to stop it:\n`);
    io.stderr.write(`  cloud-assistant logs ${invokeId} --follow\n  cloud-assistant stop ${invokeId}\n`);
    return interrupt.exitCode();
  } finally {
    interrupt.release();
    client.close();
  }
}

type Followed = Started & { readonly signal: AbortSignal };
export type Endings = {
  readonly names: ReadonlyMap<string, string>;
  readonly endings: ReadonlyMap<string, StatusLine>;
};

/** @returns undefined when interrupted before all had ended. */
async function follow({ client, invokeId, instanceIds, json, signal }: Followed, io: Io): Promise<Endings | undefined> {
  const names =
    instanceIds.length > 1 ? await nameHosts(client, instanceIds) : new Map(instanceIds.map((id) => [id, id]));
  const bar = json ? undefined : await startProgressBar(io, instanceIds.length);
  const printer = new OutputPrinter(io, names, { bar });
  const endings = new Map<string, StatusLine>();
  try {
    if (!json) await printer.tell(`Invocation ${invokeId}`);
    const onCut = (reason: string): void => void printer.tell(`${reason}\nThe script goes on; trying again.`);
    for await (const event of followOutput(client, { invokeId, instanceIds, follow: true }, signal, onCut)) {
      if (!json) await printer.print(event);
      if (event.type !== "status" || !event.line.Ended) continue;
      endings.set(event.instanceId, event.line);
      bar?.advance();
    }
  } finally {
    bar?.stop();
  }
  return endings.size === instanceIds.length ? { names, endings } : undefined;
}
