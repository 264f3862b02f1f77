import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runDaemon } from "../daemon.ts";
import { CliFailure } from "../failure.ts";
import { write, writeJson, type Io } from "../io.ts";

export type ServerFlags = {
  listen?: string;
  dataDir?: string;
  config?: string;
  insecure?: boolean;
  printConfig?: boolean;
};

/** Until SIGTERM or SIGINT. */
export async function runServer({ config: file, printConfig, ...flags }: ServerFlags, io: Io): Promise<number> {
  const { loadConfig } = await import("@cloud-assistant/control-plane/config");
  const config = loadConfig({ flags, env: io.env, file: file === undefined ? undefined : readConfigFile(file) });
  if (printConfig) {
    await writeJson(io, config);
    return 0;
  }
  const { startControlPlane } = await import("@cloud-assistant/control-plane/main");
  await runDaemon(io, {
    start: () => startControlPlane({ config }),
    onStarted: ({ endpoint, keyFingerprint }) =>
      write(
        io.stdout,
        `Control plane ready at ${endpoint}, key ${keyFingerprint}, root access key in ${join(config.dataDir, "root-access-key.json")}\n`,
      ),
  });
  return 0;
}

function readConfigFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new CliFailure(`the configuration file ${path} cannot be read as JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
}
