import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { SingleBar } from "cli-progress";
import { collect, openClient, parsePair, printTable, wholeNumber, withCredentials } from "../api-command.ts";
import type { CredentialOptions } from "../credentials.ts";
import { exitCodeOf } from "../exit-code.ts";
import { followOutput, type RunEndLine } from "../output-stream.ts";
import { prefixedWriter } from "../prefixed-writer.ts";
import { listInstances } from "./instances.ts";

type Options = CredentialOptions & {
  instance: string[];
  user?: string;
  dir?: string;
  timeout?: number;
  param?: string[];
  tree?: boolean;
  file?: string;
  json?: boolean;
};
/** More hosts than this get a progress bar on a terminal. */
const MANY_HOSTS = 5;

export function addRun(program: Command): void {
  withCredentials(program.command("run"))
    .description("Run a shell script on hosts, follow its output, and exit as it did.")
    .requiredOption("--instance <id>", "where to run; may be repeated", collect)
    .option("--user <name>", "as this user (default root)")
    .option("--dir <path>", "in this directory (default the user's home)")
    .option("--timeout <seconds>", "end it after this long (default 60)", wholeNumber)
    .option("--param <k=v>", "value of {{k}} in the script; may be repeated", collect)
    .option("--tree", "at a timeout or stop, end everything the script started")
    .option("--file <file>", "the script; - for standard input")
    .option("--json", "print one JSON object with the results instead of the output")
    .argument("[script]", "the script itself, after --; - for standard input")
    .addHelpText("after", "\nExit: the script's code (one host), else 0 only if all succeeded; 124 timeout, 125 own failure, 126 not delivered, 128+n signal.\n\nExample:\n  cloud-assistant run --instance mi-… --tree --timeout 30 -- 'uname -a; uptime'")
    .action(run);
}

async function run(script: string | undefined, options: Options): Promise<void> {
  const client = openClient(options);
  const { InvokeId } = await client.call("RunCommand", toParameters(scriptOf(script, options), options));
  const invokeId = String(InvokeId);
  process.once("SIGINT", () => {
    console.error(`\nDetached; ${invokeId} goes on. To stop it: npx cloud-assistant stop ${invokeId}`);
    process.exit(130);
  });
  const names = options.instance.length > 1 ? new Map((await listInstances(client)).map((row) => [row.InstanceId, row.InstanceName])) : undefined;
  const bar = options.instance.length > MANY_HOSTS && process.stderr.isTTY ? new SingleBar({ format: "{bar} {value}/{total} hosts", stream: process.stderr }) : undefined;
  bar?.start(options.instance.length, 0);
  const ends = await Promise.all(options.instance.map((id) => follow(id)));
  bar?.stop();
  if (options.json) console.log(JSON.stringify({ InvokeId: invokeId, Results: ends }));
  else if (ends.length > 1) {
    printTable([["HOST", "STATUS", "EXIT", "ERROR"], ...ends.map((end) => [names?.get(end.InstanceId) ?? end.InstanceId, end.InvocationStatus, String(end.ExitCode ?? ""), end.ErrorInfo])]);
  } else for (const { ErrorInfo, InvocationStatus } of ends) if (!["Success", "Failed"].includes(InvocationStatus)) console.error(`${InvocationStatus}: ${ErrorInfo}`);
  process.exitCode = exitCodeOf(ends);

  async function follow(id: string): Promise<RunEndLine> {
    const output = options.json ? () => undefined : names ? prefixedWriter(names.get(id) ?? id) : (bytes: Buffer) => void process.stdout.write(bytes);
    const ended = Promise.withResolvers<RunEndLine>();
    await followOutput(client, invokeId, id, true, {
      bytes: (_, bytes) => output(bytes),
      gap: (_, from, to) => console.error(`[${id}: ${to - from} bytes were dropped here]`),
      end: ended.resolve,
    });
    output(Buffer.alloc(0));
    bar?.increment();
    return ended.promise;
  }
}

function scriptOf(script: string | undefined, { file }: Options): Buffer {
  const path = file ?? (script === "-" ? "-" : undefined);
  if (path !== undefined) return readFileSync(path === "-" ? 0 : path);
  if (script !== undefined) return Buffer.from(script);
  throw new Error("there is no script: give it after --, with --file FILE, or - for standard input");
}

function toParameters(script: Buffer, { instance, user, dir, timeout, param, tree }: Options): Record<string, unknown> {
  return {
    Type: "RunShellScript",
    CommandContent: script.toString("base64"),
    ContentEncoding: "Base64",
    InstanceId: instance,
    Username: user,
    WorkingDir: dir,
    Timeout: timeout,
    TerminationMode: tree ? "ProcessTree" : undefined,
    ...(param ? { EnableParameter: true, Parameters: JSON.stringify(Object.fromEntries(param.map(parsePair))) } : {}),
  };
}
