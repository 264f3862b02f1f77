import { Command } from "commander";
import { addAgentCommands } from "./program-agent.ts";
import { addApiCommands } from "./program-api.ts";
import { addCommandCommands } from "./program-commands.ts";
import { addParameterCommands } from "./program-parameter.ts";
import { addScheduleCommands } from "./program-schedule.ts";
import { addIdentityCommands } from "./program-identity.ts";
import type { Io } from "./io.ts";

/** Runs a command that was loaded only now, and tells its exit code. */
export type Run = (command: Promise<number>) => Promise<void>;

/**
 * The command line. Only commander and the declarations are loaded here; what a command needs is loaded when it runs.
 * @param onExitCode told once, when the command is done
 */
export function createProgram(io: Io, onExitCode: (exitCode: number) => void): Command {
  const run: Run = async (command) => onExitCode(await command);
  const program = new Command("cloud-assistant")
    .description("Runs scripts on your own machines through the ECS Cloud Assistant API.")
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false });
  addAgentCommands(program, io, run);
  addApiCommands(program, io, run);
  addCommandCommands(program, io, run);
  addParameterCommands(program, io, run);
  addScheduleCommands(program, io, run);
  addIdentityCommands(program, io, run);
  program.addHelpText(
    "after",
    "\nEvery command has --help with examples. Exit code 125: this tool, the connection or the API failed.",
  );
  for (const command of [program, ...program.commands, ...program.commands.flatMap((group) => group.commands)]) {
    command.showHelpAfterError(`(see: ${fullName(command)} --help)`);
  }
  return program;
}

function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
}
