import type { RunCommandAnswer } from "@cloud-assistant/shared/api/run-command";
import { Client } from "../client.ts";
import type { Io } from "../io.ts";
import { readScript } from "../read-script.ts";
import { tellMade, toRunParameters, type RunFlags } from "../run-flags.ts";
import { resolveTarget } from "../target.ts";

export async function runRun(
  words: readonly string[],
  flags: RunFlags & { file?: string; name?: string; parameters?: boolean; keep?: boolean },
  io: Io,
): Promise<number> {
  const script = await readScript(words, flags.file, io);
  const client = new Client(resolveTarget(flags, io.env));
  const instanceIds = [...new Set(flags.instance)];
  const made = await client.callRepeatably<RunCommandAnswer>("RunCommand", {
    ...toRunParameters(instanceIds, flags),
    Type: "RunShellScript",
    ContentEncoding: "Base64",
    CommandContent: script.toString("base64"),
    Name: flags.name,
    EnableParameter: flags.param || flags.parameters ? true : undefined,
    KeepCommand: flags.keep,
  });
  if (flags.keep && !flags.json) io.stderr.write(`Command ${made.CommandId} is kept\n`);
  return tellMade(client, made, instanceIds, flags, io);
}
