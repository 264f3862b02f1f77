import { readFileSync } from "node:fs";
import { loadAgentConfig } from "../agent-config.ts";
import { CliFailure } from "../failure.ts";
import { readAll, write, writeJson, type Io } from "../io.ts";

export type RegisterFlags = {
  server: string;
  activationId: string;
  activationCode?: string;
  activationCodeFile?: string;
  serverKey?: string;
  instanceName?: string;
  tag?: Record<string, string>;
  stateDir?: string;
  json?: boolean;
};

export async function runAgentRegister(flags: RegisterFlags, io: Io): Promise<number> {
  const activationCode = flags.activationCode ?? (await readCode(flags.activationCodeFile, io));
  const { registerAgent } = await import("@cloud-assistant/agent/register");
  const { systemClock } = await import("@cloud-assistant/agent/clock");
  const { server, activationId, serverKey, instanceName } = flags;
  const { stateDir } = await loadAgentConfig(flags, io.env);
  const tags = Object.entries(flags.tag ?? {}).map(([key, value]) => ({ key, value }));
  const { instanceId } = await registerAgent({
    server,
    activationId,
    activationCode,
    serverKey,
    instanceName,
    tags,
    stateDir,
    clock: systemClock,
  });
  if (flags.json) await writeJson(io, { instanceId });
  else
    await write(
      io.stdout,
      `This host is ${instanceId} now. Start its agent: npx cloud-assistant agent --state-dir ${stateDir}\n`,
    );
  return 0;
}

async function readCode(file: string | undefined, io: Io): Promise<string> {
  if (file === undefined)
    throw new CliFailure(
      "the activation code is wanted: --activation-code-file FILE (or - for standard input), or --activation-code CODE",
    );
  const code = (file === "-" ? await readAll(io.stdin) : readCodeFile(file)).toString().trim();
  if (code === "") throw new CliFailure(`there is no activation code in ${file === "-" ? "standard input" : file}`);
  return code;
}

function readCodeFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new CliFailure(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
