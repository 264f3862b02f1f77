import { Option, type Command } from "commander";
import type { Io } from "./io.ts";
import { ACCESS_HELP, collect, collectPair, examples, wholeNumber, withAccess } from "./options.ts";
import type { Run } from "./program.ts";

/** How a script is run; what `run` and `invoke` take alike. */
export function withRunOptions(command: Command): Command {
  return command
    .requiredOption("--instance <id>", "host to run on; may be repeated", collect)
    .option("--user <name>", "user to run it as (default: root)")
    .option("--dir <dir>", "directory to run it in (default: the user's home)")
    .option("--timeout <s>", "seconds it may run (default: 60)", wholeNumber(1, 86_400))
    .option(
      "--delivery-timeout <s>",
      "seconds to wait for a host that is offline (default: 60)",
      wholeNumber(1, 604_800),
    )
    .option("--param <k=v>", "value for {{k}} in the script; may be repeated", collectPair)
    .option("--tree", "timeout and stop end everything the script started, not the script alone")
    .option(
      "--launcher <line>",
      "command line that starts the script's file, e.g. 'python3 -u {{ACS::ScriptFileName|Ext(\".py\")}}'",
    )
    .addOption(
      new Option(
        "--repeat <mode>",
        "when to run it; DryRun only checks (default: Once, or Period with --frequency)",
      ).choices(["Once", "Period", "NextRebootOnly", "EveryReboot", "DryRun"]),
    )
    .option(
      "--frequency <schedule>",
      "rate(5m), at(2026-06-06 13:15:30 Asia/Shanghai) or a cron expression; prints the id and ends",
    )
    .option("--json", "print one JSON object at the end instead of the output");
}

/** What a kept command has besides its script and its name. */
function withFields(command: Command): Command {
  return command
    .option("--description <text>", "what it is for")
    .option("--dir <dir>", "directory to run it in (default: the user's home)")
    .option("--timeout <s>", "seconds it may run (default: 60)", wholeNumber(1, 86_400))
    .option("--launcher <line>", "command line that starts the script's file")
    .option("--json", "print one JSON object");
}

/** Kept commands, and running them. */
export function addCommandCommands(program: Command, io: Io, run: Run): void {
  const command = program.command("command").description("scripts that are kept to be run again");
  withFields(
    withAccess(command.command("create"))
      .description("keep a shell script and print its id")
      .argument("[script...]", "the script, after --; or - for standard input")
      .requiredOption("--name <name>", "its name")
      .option("--file <file>", "file that holds the script, - for standard input")
      .option("--parameters", "{{name}} in the script stands for a value that invoke gives"),
  )
    .addHelpText(
      "after",
      ACCESS_HELP +
        examples(
          "cloud-assistant command create --name disk -- df -h",
          "cloud-assistant command create --name deploy --parameters --timeout 600 --file deploy.sh",
        ),
    )
    .action((script: string[], flags) =>
      run(import("./commands/command.ts").then(({ runCommandCreate }) => runCommandCreate(script, flags, io))),
    );

  withAccess(command.command("list"))
    .description("list the kept commands, newest first")
    .option("--name <pattern>", "only of this name; * at either end stands for anything")
    .option("--json", "print a JSON array")
    .addHelpText(
      "after",
      ACCESS_HELP + examples("cloud-assistant command list", "cloud-assistant command list --name 'deploy*' --json"),
    )
    .action((flags) => run(import("./commands/command.ts").then(({ runCommandList }) => runCommandList(flags, io))));

  withFields(
    withAccess(command.command("modify"))
      .description("change what is given of a kept command")
      .argument("<command-id>", "c-… of create or list")
      .option("--name <name>", "its new name"),
  )
    .addHelpText(
      "after",
      ACCESS_HELP +
        examples(
          "cloud-assistant command modify c-1 --timeout 300",
          "cloud-assistant command modify c-1 --name disk2 --description ''",
        ),
    )
    .action((id: string, flags) =>
      run(import("./commands/command.ts").then(({ runCommandModify }) => runCommandModify(id, flags, io))),
    );

  withAccess(command.command("delete"))
    .description("forget a kept command; what it ran stays listed")
    .argument("<command-id>", "c-… of create or list")
    .option("--json", "print one JSON object")
    .addHelpText("after", ACCESS_HELP + examples("cloud-assistant command delete c-1"))
    .action((id: string, flags) =>
      run(import("./commands/command.ts").then(({ runCommandDelete }) => runCommandDelete(id, flags, io))),
    );

  withRunOptions(
    withAccess(program.command("invoke"))
      .description("run a kept command on hosts and follow its output")
      .argument("<command-id>", "c-… of command create or list"),
  )
    .addHelpText(
      "after",
      `\nExit code: as of run. --timeout is at least 10 here.${ACCESS_HELP}${examples(
        "cloud-assistant invoke c-1 --instance mi-1",
        "cloud-assistant invoke c-1 --instance mi-1 --instance mi-2 --param version=1.2 --timeout 300",
        "cloud-assistant invoke c-1 --instance mi-1 --frequency 'rate(1h)'",
      )}`,
    )
    .action((id: string, flags) =>
      run(import("./commands/invoke.ts").then(({ runInvoke }) => runInvoke(id, flags, io))),
    );
}
