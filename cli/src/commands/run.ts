import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { RunCommandAnswer } from "@cloud-assistant/shared/api/run-command";
import { Client } from "../client.ts";
import { CliFailure } from "../failure.ts";
import { nameHosts } from "../hosts.ts";
import { catchInterrupt } from "../interrupt.ts";
import { readAll, type Io } from "../io.ts";
import { OutputPrinter } from "../output-printer.ts";
import { followOutput, type StatusLine } from "../output-stream.ts";
import { startProgressBar } from "../progress-bar.ts";
import { tellResult } from "../run-result.ts";
import { resolveTarget, type TargetFlags } from "../target.ts";

export type RunFlags = TargetFlags & {
  instance: string[];
  file?: string;
  user?: string;
  dir?: string;
  timeout?: number;
  deliveryTimeout?: number;
  param?: Record<string, string>;
  tree?: boolean;
  name?: string;
  json?: boolean;
};

export async function runRun(words: readonly string[], flags: RunFlags, io: Io): Promise<number> {
  const script = await readScript(words, flags.file, io);
  const client = new Client(resolveTarget(flags, io.env));
  const instanceIds = [...new Set(flags.instance)];
  const { InvokeId: invokeId } = await client.callRepeatably<RunCommandAnswer>(
    "RunCommand",
    toParameters(script, instanceIds, flags),
  );
  const interrupt = catchInterrupt();
  try {
    const endings = await follow(
      { client, invokeId, instanceIds, json: flags.json === true, signal: interrupt.signal },
      io,
    );
    if (endings) return await tellResult({ client, invokeId, json: flags.json === true, ...endings }, io);
    io.stderr.write(`Detached from ${invokeId}; its script goes on. To follow it again or to stop it:\n`);
    io.stderr.write(`  cloud-assistant logs ${invokeId} --follow\n  cloud-assistant stop ${invokeId}\n`);
    return interrupt.exitCode();
  } finally {
    interrupt.release();
    client.close();
  }
}

async function readScript(words: readonly string[], file: string | undefined, io: Io): Promise<Buffer> {
  const source = words.length === 1 && words[0] === "-" ? "-" : file;
  if (file !== undefined && words.length > 0)
    throw new CliFailure("two scripts were given: either --file, or one after --");
  if (source === "-") return readAll(io.stdin);
  if (source === undefined && words.length === 0)
    throw new CliFailure("a script is wanted: after --, or from --file FILE, or - for standard input");
  if (source === undefined) return Buffer.from(words.join(" "));
  try {
    return readFileSync(source);
  } catch (cause) {
    throw new CliFailure(`the script ${source} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function toParameters(script: Buffer, instanceIds: readonly string[], flags: RunFlags) {
  return {
    ClientToken: randomUUID(),
    Type: "RunShellScript",
    ContentEncoding: "Base64",
    CommandContent: script.toString("base64"),
    InstanceId: instanceIds,
    Name: flags.name,
    Username: flags.user,
    WorkingDir: flags.dir,
    Timeout: flags.timeout,
    DeliveryTimeout: flags.deliveryTimeout,
    TerminationMode: flags.tree ? "ProcessTree" : undefined,
    EnableParameter: flags.param ? true : undefined,
    Parameters: flags.param && JSON.stringify(flags.param),
  };
}

type Followed = {
  readonly client: Client;
  readonly invokeId: string;
  readonly instanceIds: readonly string[];
  readonly json: boolean;
  readonly signal: AbortSignal;
};
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
