import { Option, type Command } from "commander";
import type { Io } from "./io.ts";
import { ACCESS_HELP, collect, examples, wholeNumber, withAccess } from "./options.ts";
import { withRunOptions } from "./program-commands.ts";
import type { Run } from "./program.ts";

const EXIT_CODES = `
Exit code: of one host, the script's own (128+n when signal n ended it); of several, 0 only if all succeeded, else the
code they agree on, or 1. 124 timeout, 143 stopped, 126 it never ran (not delivered, cancelled, no such user or
directory), 125 this tool or the API failed or the outcome is unknown. Ctrl-C detaches: the script goes on.`;

/** What one does to hosts, all through the API. */
export function addApiCommands(program: Command, io: Io, run: Run): void {
  withRunOptions(
    withAccess(program.command("run"))
      .description("run a shell script on hosts and follow its output")
      .argument("[script...]", "the script, after --; or - for standard input"),
  )
    .addOption(new Option("--file <file>", "file that holds the script, - for standard input"))
    .option("--name <name>", "name of the invocation")
    .option("--parameters", "fill in {{ACS::…}}, {{oos:…}} and {{oos-secret:…}} in the script; --param does too")
    .option("--keep", "keep the script as a command of that name, to be run again by invoke")
    .addHelpText(
      "after",
      EXIT_CODES +
        ACCESS_HELP +
        examples(
          "cloud-assistant run --instance mi-1 -- uptime",
          "cloud-assistant run --instance mi-1 --instance mi-2 --user app --timeout 300 --tree --file deploy.sh",
          "cloud-assistant run --instance mi-1 --param name=world -- 'echo hello {{name}}'",
          "generate-script | cloud-assistant run --instance mi-1 -",
          "cloud-assistant run --instance mi-1 --frequency '0 0 3 ? * * Asia/Shanghai' --name nightly --keep --file backup.sh",
          "cloud-assistant run --instance mi-1 --repeat DryRun -- uptime",
        ),
    )
    .action((script: string[], flags) =>
      run(import("./commands/run.ts").then(({ runRun }) => runRun(script, flags, io))),
    );

  withAccess(program.command("logs"))
    .description("print all of the output of an invocation")
    .argument("<invoke-id>", "t-… of run or ps")
    .option("--instance <id>", "only of this host; may be repeated", collect)
    .option("--follow", "go on until it has ended")
    .option("--raw", "exactly the bytes that are stored, of one host; what was dropped is told on standard error")
    .addOption(new Option("--json", "print one JSON object a line: pieces in Base64, gaps, status").conflicts("raw"))
    .addHelpText(
      "after",
      ACCESS_HELP +
        examples("cloud-assistant logs t-1 --follow", "cloud-assistant logs t-1 --instance mi-1 --raw > output.bin"),
    )
    .action((invokeId: string, flags) =>
      run(import("./commands/logs.ts").then(({ runLogs }) => runLogs(invokeId, flags, io))),
    );

  withAccess(program.command("ps"))
    .description("list recent invocations, newest first")
    .option("--limit <n>", "how many", wholeNumber(1, 1000), 20)
    .option("--json", "print a JSON array")
    .addHelpText("after", ACCESS_HELP + examples("cloud-assistant ps", "cloud-assistant ps --limit 100 --json"))
    .action((flags) => run(import("./commands/ps.ts").then(({ runPs }) => runPs(flags, io))));

  withAccess(program.command("stop"))
    .description("stop an invocation: what has not started never will, what runs is ended")
    .argument("<invoke-id>", "t-… of run or ps")
    .option("--instance <id>", "only on this host; may be repeated", collect)
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      ACCESS_HELP + examples("cloud-assistant stop t-1", "cloud-assistant stop t-1 --instance mi-2"),
    )
    .action((invokeId: string, flags) =>
      run(import("./commands/stop.ts").then(({ runStop }) => runStop(invokeId, flags, io))),
    );

  withAccess(program.command("instances"))
    .description("list the registered hosts and whether they are connected")
    .option("--json", "print a JSON array")
    .addHelpText("after", ACCESS_HELP + examples("cloud-assistant instances", "cloud-assistant instances --json"))
    .action((flags) => run(import("./commands/instances.ts").then(({ runInstances }) => runInstances(flags, io))));
}
