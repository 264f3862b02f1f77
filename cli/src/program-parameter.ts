import { Option, type Command } from "commander";
import type { Io } from "./io.ts";
import { ACCESS_HELP, examples, wholeNumber, withAccess } from "./options.ts";
import type { Run } from "./program.ts";

const ABOUT = `
Scripts refer to a parameter as {{oos:NAME}}, to a secret one as {{oos-secret:NAME}}, where EnableParameter is on.`;

const load = () => import("./commands/parameter.ts");

/** What one does to the Parameter Store, through the API of OOS. */
export function addParameterCommands(program: Command, io: Io, run: Run): void {
  const group = program.command("parameter").description("keep values that scripts refer to: plain ones and secrets");
  const declare = (name: string): Command => withAccess(group.command(name)).option("--secret", "a secret parameter");

  declare("put")
    .description("make a parameter, or give it its next value")
    .argument("<name>", "letters, digits, - _ /")
    .addOption(
      new Option("--value <text>", "the value; not for secrets, as others see it in the process list").conflicts(
        "valueFile",
      ),
    )
    .addOption(
      new Option(
        "--value-file <file>",
        "file that holds the value, - for standard input; one line end at its end is left out",
      ),
    )
    .option("--description <text>", "what it is for")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      ABOUT +
        ACCESS_HELP +
        examples(
          "cloud-assistant parameter put app/port --value 8080",
          "cloud-assistant parameter put db/password --secret --value-file - < password.txt",
        ),
    )
    .action((name: string, flags) => run(load().then(({ runParameterPut }) => runParameterPut(name, flags, io))));

  declare("get")
    .description("print the value of a parameter, and nothing else")
    .argument("<name>")
    .option("--version <n>", "an earlier value (default: the newest)", wholeNumber(1))
    .option("--json", "print one JSON object with all that is known of it")
    .addHelpText(
      "after",
      ABOUT +
        ACCESS_HELP +
        examples(
          "cloud-assistant parameter get app/port",
          "cloud-assistant parameter get db/password --secret --version 1",
        ),
    )
    .action((name: string, flags) => run(load().then(({ runParameterGet }) => runParameterGet(name, flags, io))));

  declare("list")
    .description("list the parameters of a kind, without their values")
    .option("--path <path>", "only those below it")
    .option("--json", "print a JSON array")
    .addHelpText(
      "after",
      ABOUT +
        ACCESS_HELP +
        examples("cloud-assistant parameter list", "cloud-assistant parameter list --secret --path db/"),
    )
    .action((flags) => run(load().then(({ runParameterList }) => runParameterList(flags, io))));

  declare("delete")
    .description("delete a parameter with all of its values; runs that were accepted before have theirs")
    .argument("<name>")
    .option("--json", "print one JSON object")
    .addHelpText("after", ABOUT + ACCESS_HELP + examples("cloud-assistant parameter delete db/password --secret"))
    .action((name: string, flags) => run(load().then(({ runParameterDelete }) => runParameterDelete(name, flags, io))));
}
