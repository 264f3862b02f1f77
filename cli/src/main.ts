import { Command, CommanderError } from "commander";
import { addActivation } from "./commands/activation.ts";
import { addAgent } from "./commands/agent.ts";
import { addInstances } from "./commands/instances.ts";
import { addLogs } from "./commands/logs.ts";
import { addPs } from "./commands/ps.ts";
import { addRun } from "./commands/run.ts";
import { addServer } from "./commands/server.ts";
import { addStop } from "./commands/stop.ts";

/** What every command exits with when it is itself that failed; the script's own codes stay the script's. */
const OWN_FAILURE = 125;

process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : OWN_FAILURE));

const program = new Command("cloud-assistant")
  .description("A self-hosted Cloud Assistant: run scripts on your own machines through the ECS Cloud Assistant API.")
  .version("0.1.0")
  .enablePositionalOptions()
  .exitOverride();
for (const add of [addServer, addActivation, addAgent, addRun, addLogs, addPs, addStop, addInstances]) add(program);
for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : OWN_FAILURE;
  else {
    console.error(`cloud-assistant: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = OWN_FAILURE;
  }
}
