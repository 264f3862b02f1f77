import { Option, type Command } from "commander";
import type { Io } from "./io.ts";
import { ACCESS_HELP, collectPair, examples, wholeNumber, withAccess } from "./options.ts";
import type { Run } from "./program.ts";

/** The control plane, activations, and the agent of a host. */
export function addAgentCommands(program: Command, io: Io, run: Run): void {
  program
    .command("server")
    .description("run the control plane in the foreground")
    .option("--listen <host:port>", "address to listen on; port 0 picks a free one (default: 127.0.0.1:8080)")
    .option(
      "--data-dir <dir>",
      "database, keys and the root access key (default: /var/lib/cloud-assistant/control-plane)",
    )
    .option("--config <file>", "JSON file of settings, see docs/operations.md; what is given here comes first")
    .option("--insecure", "allow plain HTTP beyond this machine")
    .option("--print-config", "print the settings that would be used, and end")
    .addHelpText(
      "after",
      examples(
        "cloud-assistant server --data-dir ./data",
        "cloud-assistant server --listen 127.0.0.1:0 --data-dir ./data",
        "cloud-assistant server --listen 10.0.0.5:8080 --insecure",
      ),
    )
    .action((flags) => run(import("./commands/server.ts").then(({ runServer }) => runServer(flags, io))));

  const activation = program
    .command("activation")
    .description("one-time codes that turn machines into managed instances");
  withAccess(activation.command("create"))
    .description("make an activation and print the line that registers a host")
    .option("--count <n>", "hosts that may register with it (default: 10)", wholeNumber(1, 1000))
    .option("--hours <h>", "hours for which it can be used (default: 4)", wholeNumber(1, 24))
    .option("--name <name>", "name of the hosts; they get NAME-001, NAME-002, … when there may be several")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      ACCESS_HELP +
        examples(
          "cloud-assistant activation create --data-dir ./data",
          "cloud-assistant activation create --count 40 --hours 8 --name rack7 --json",
        ),
    )
    .action((flags) =>
      run(import("./commands/activation-create.ts").then(({ runActivationCreate }) => runActivationCreate(flags, io))),
    );

  const agent = program
    .command("agent")
    .description("run the agent of this host in the foreground; register it first")
    .enablePositionalOptions()
    .option("--state-dir <dir>", "identity and runs of this host (default: /var/lib/cloud-assistant-agent)")
    .addHelpText(
      "after",
      "\nSIGTERM ends the agent and leaves running scripts alone; the next agent takes them up again." +
        examples("cloud-assistant agent", "cloud-assistant agent --state-dir ./host1"),
    )
    .action((flags) => run(import("./commands/agent.ts").then(({ runAgentCommand }) => runAgentCommand(flags, io))));
  agent
    .command("register")
    .description("make this machine a managed instance")
    .requiredOption("--server <url>", "address of the control plane")
    .requiredOption("--activation-id <id>", "of activation create")
    .addOption(
      new Option("--activation-code <code>", "of activation create; others can see it in the process list").conflicts(
        "activationCodeFile",
      ),
    )
    .option("--activation-code-file <file>", "file that holds the code, - for standard input")
    .option("--server-key <sha256:hex>", "fingerprint the server must have; needed for plain HTTP beyond this machine")
    .option("--instance-name <name>", "name of this host")
    .option("--tag <k=v>", "tag of this host; may be repeated", collectPair)
    .option("--state-dir <dir>", "where the identity of this host is kept (default: /var/lib/cloud-assistant-agent)")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      examples(
        "printf %s a-CODE | cloud-assistant agent register --server http://10.0.0.5:8080 --activation-id ID --activation-code-file - --server-key sha256:…",
        "cloud-assistant agent register --server http://127.0.0.1:8080 --activation-id ID --activation-code a-CODE --tag role=db",
      ),
    )
    .action((flags) =>
      run(import("./commands/agent-register.ts").then(({ runAgentRegister }) => runAgentRegister(flags, io))),
    );
  agent
    .command("status")
    .description("show whether the agent of this host runs and is connected")
    .option("--state-dir <dir>", "state directory of the agent (default: /var/lib/cloud-assistant-agent)")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nExit code 0 when connected, 1 when not." +
        examples("cloud-assistant agent status", "cloud-assistant agent status --state-dir ./host1 --json"),
    )
    .action((flags) =>
      run(import("./commands/agent-status.ts").then(({ runAgentStatus }) => runAgentStatus(flags, io))),
    );
  agent
    .command("doctor")
    .description("examine this host and its way to the control plane, and say what to do")
    .option("--state-dir <dir>", "state directory of the agent (default: /var/lib/cloud-assistant-agent)")
    .option("--json", "print one JSON list")
    .addHelpText(
      "after",
      "\nExit code 0 when nothing failed, 1 when something did. It changes nothing; run it as the agent's user." +
        examples("cloud-assistant agent doctor", "cloud-assistant agent doctor --state-dir ./host1 --json"),
    )
    .action((flags) =>
      run(import("./commands/agent-doctor.ts").then(({ runAgentDoctor }) => runAgentDoctor(flags, io))),
    );
}
