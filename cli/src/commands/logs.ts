import type { Command } from "commander";
import { openClient, withCredentials } from "../api-command.ts";
import { prefixedWriter } from "../prefixed-writer.ts";
import type { CredentialOptions } from "../credentials.ts";
import { followOutput, type RunEndLine } from "../output-stream.ts";

type Options = CredentialOptions & { instance?: string; follow?: boolean; raw?: boolean; json?: boolean };

export function addLogs(program: Command): void {
  withCredentials(program.command("logs"))
    .description("The output of an invocation, as much of it as is stored.")
    .argument("<invoke-id>")
    .option("--instance <id>", "of that host only")
    .option("--follow", "wait for more until it ends")
    .option("--raw", "exactly the bytes, of one host")
    .option("--json", "one JSON object a host")
    .action(logs);
}

async function logs(invokeId: string, options: Options): Promise<void> {
  const client = openClient(options);
  const answer = await client.call("DescribeInvocations", { InvokeId: invokeId });
  const [invocation] = answer["Invocations"].Invocation as { InvokeInstances: { InvokeInstance: { InstanceId: string }[] } }[];
  if (!invocation) throw new Error(`there is no invocation ${invokeId}`);
  const ids = options.instance ? [options.instance] : invocation.InvokeInstances.InvokeInstance.map(({ InstanceId }) => InstanceId);
  if (options.raw && ids.length > 1) throw new Error(`${invokeId} ran on ${ids.length} hosts: say with --instance whose bytes you want`);
  await Promise.all(
    ids.map(async (id) => {
      const pieces: Buffer[] = [];
      let end: RunEndLine | undefined;
      const write = options.json ? (bytes: Buffer) => pieces.push(bytes) : ids.length > 1 ? prefixedWriter(id) : (bytes: Buffer) => process.stdout.write(bytes);
      await followOutput(client, invokeId, id, options.follow ?? false, {
        bytes: (_, bytes) => void write(bytes),
        gap: (_, from, to) => console.error(`[${id}: ${to - from} bytes were dropped here]`),
        end: (line) => (end = line),
      });
      if (options.json) console.log(JSON.stringify({ ...end, Output: Buffer.concat(pieces).toString("base64") }));
    }),
  );
}
