import type { Command } from "commander";
import type { Io } from "./io.ts";
import { examples, wholeNumber } from "./options.ts";
import type { Run } from "./program.ts";

const MANY = `
With - in place of the expression, many are read from standard input, one a line (expression, or expression TAB from), and one
JSON array is printed a line; {"error":{"code","position","reason"}} for one that cannot be read, and the exit code is then 1.`;

/** What can be asked about schedules without a server. */
export function addScheduleCommands(program: Command, io: Io, run: Run): void {
  program
    .command("schedule")
    .description("what a Frequency means")
    .command("preview")
    .description("print the next runs of a rate, at or cron expression, and what clock changes do to them")
    .argument("<expression>", "a Frequency of RunCommand, in quotes; or - for standard input")
    .option("--zone <zone>", "zone of the host, for an expression without one (default: this machine's)")
    .option("--from <time>", "ISO 8601 time after which to look, and of the creation of a rate (default: now)")
    .option("--count <n>", "how many runs", wholeNumber(1, 10_000), 10)
    .option("--timeout <s>", "Timeout of the command, which no run may follow sooner", wholeNumber(1, 86_400), 60)
    .option("--json", 'print one array of {"at","local","note"}')
    .addHelpText(
      "after",
      MANY +
        examples(
          "cloud-assistant schedule preview '0 30 2 * * ? America/New_York' --from 2027-03-13",
          "cloud-assistant schedule preview 'rate(5m)' --count 3 --json",
          String.raw`printf '0 0 9 ? * 1-5\t2027-01-01T00:00:00Z\n' | cloud-assistant schedule preview - --zone Asia/Shanghai`,
        ),
    )
    .action((expression: string, flags) =>
      run(
        import("./commands/schedule-preview.ts").then(({ runSchedulePreview }) =>
          runSchedulePreview(expression, flags, io),
        ),
      ),
    );
}
