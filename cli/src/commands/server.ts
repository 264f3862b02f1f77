import { readFileSync } from "node:fs";
import type { Command } from "commander";

type Options = { listen?: string; dataDir?: string; config?: string; insecure?: boolean };

export function addServer(program: Command): void {
  program
    .command("server")
    .description("Run the control plane in the foreground.")
    .option("--listen <host:port>", "where to listen (default 127.0.0.1:8080; port 0 picks a free one)")
    .option("--data-dir <dir>", "database, keys and the root access key")
    .option("--config <file>", "JSON file of settings (docs/operations.md)")
    .option("--insecure", "allow plain HTTP on an address other machines can reach")
    .addHelpText("after", "\nExample:\n  cloud-assistant server --data-dir ./control-plane --listen 127.0.0.1:8080")
    .action(runServer);
}

async function runServer({ listen, dataDir, config: configFile, insecure }: Options): Promise<void> {
  const { loadConfig } = await import("@cloud-assistant/control-plane/config");
  const { startControlPlane } = await import("@cloud-assistant/control-plane/main");
  const file: unknown = configFile === undefined ? undefined : JSON.parse(readFileSync(configFile, "utf8"));
  const config = loadConfig({ flags: { listen, dataDir, insecure }, env: process.env, file });
  const controlPlane = await startControlPlane({ config });
  console.error(`Control plane ready at ${controlPlane.endpoint}\nKey ${controlPlane.keyFingerprint}\nRoot access key in ${config.dataDir}/root-access-key.json`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void controlPlane.close().then(() => process.exit(0)));
}
