import type { Command } from "commander";
import type { Io } from "./io.ts";
import { ACCESS_HELP, collect, examples, wholeNumber, withAccess } from "./options.ts";
import type { Run } from "./program.ts";

// loaded when a command runs, so that --help stays quick
const loadAccounts = () => import("./commands/identity/accounts.ts");
const loadUsers = () => import("./commands/identity/users.ts");
const loadAccessKeys = () => import("./commands/identity/access-keys.ts");
const loadPolicies = () => import("./commands/identity/policies.ts");

/** Who may call, and what: for the account's own key, but for `sts assume`. */
export function addIdentityCommands(program: Command, io: Io, run: Run): void {
  addAccounts(program, io, run);
  addUsers(program, io, run);
  addAccessKeys(program, io, run);
  addPolicies(program, io, run);
  addSts(program, io, run);
}

function add(group: Command, usage: string, description: string, ...lines: string[]): Command {
  return withAccess(group.command(usage))
    .description(description)
    .option("--json", "print JSON")
    .addHelpText("after", ACCESS_HELP + examples(...lines.map((line) => `cloud-assistant ${group.name()} ${line}`)));
}

function addAccounts(program: Command, io: Io, run: Run): void {
  const group = program
    .command("account")
    .description("accounts, which see nothing of each other; for the main account's key");
  add(group, "create <name>", "make an account and its first access key", "create lab").action((name: string, flags) =>
    run(loadAccounts().then(({ runAccountCreate }) => runAccountCreate(name, flags, io))),
  );
  add(group, "list", "list the accounts", "list", "list --json").action((flags) =>
    run(loadAccounts().then(({ runAccountList }) => runAccountList(flags, io))),
  );
}

function addUsers(program: Command, io: Io, run: Run): void {
  const group = program.command("user").description("users of an account; each may do what its policies allow");
  add(
    group,
    "create <name>",
    "make a user, which may do nothing yet",
    "create ann",
    "create ci --comments 'nightly builds'",
  )
    .option("--display-name <text>", "name to show")
    .option("--comments <text>", "what it is for")
    .action((name: string, flags) => run(loadUsers().then(({ runUserCreate }) => runUserCreate(name, flags, io))));
  add(group, "list", "list the users", "list", "list --json").action((flags) =>
    run(loadUsers().then(({ runUserList }) => runUserList(flags, io))),
  );
  add(group, "delete <name>", "delete a user that has no keys and no policies", "delete ann", "delete ann --force")
    .option("--force", "delete its access keys and detach its policies first")
    .action((name: string, flags) => run(loadUsers().then(({ runUserDelete }) => runUserDelete(name, flags, io))));
}

function addAccessKeys(program: Command, io: Io, run: Run): void {
  const group = program
    .command("access-key")
    .description("access keys of a user, or without --user of the account itself");
  const ofUser = (usage: string, description: string, ...lines: string[]): Command =>
    add(group, usage, description, ...lines).option("--user <name>", "whose; the account's own without it");
  ofUser("create", "make a key; its secret is shown this once", "create --user ann", "create --user ann --json").action(
    (flags) => run(loadAccessKeys().then(({ runAccessKeyCreate }) => runAccessKeyCreate(flags, io))),
  );
  ofUser("list", "list the keys", "list --user ann", "list").action((flags) =>
    run(loadAccessKeys().then(({ runAccessKeyList }) => runAccessKeyList(flags, io))),
  );
  ofUser(
    "disable <id>",
    "no call passes with it from now on, nor with a temporary key it has made",
    "disable CAAK1 --user ann",
  ).action((id: string, flags) =>
    run(loadAccessKeys().then(({ runAccessKeySet }) => runAccessKeySet(id, false, flags, io))),
  );
  ofUser("enable <id>", "let it pass again", "enable CAAK1 --user ann").action((id: string, flags) =>
    run(loadAccessKeys().then(({ runAccessKeySet }) => runAccessKeySet(id, true, flags, io))),
  );
  ofUser(
    "rotate <id>",
    "make a new key and disable this one; with --data-dir the file of the root access key follows",
    "rotate CAAK1 --user ann",
    "rotate CAAK0 --data-dir ./data",
  ).action((id: string, flags) =>
    run(loadAccessKeys().then(({ runAccessKeyRotate }) => runAccessKeyRotate(id, flags, io))),
  );
  ofUser("delete <id>", "delete a key", "delete CAAK1 --user ann").action((id: string, flags) =>
    run(loadAccessKeys().then(({ runAccessKeyDelete }) => runAccessKeyDelete(id, flags, io))),
  );
}

function addPolicies(program: Command, io: Io, run: Run): void {
  const group = program.command("policy").description("what users may do: RAM policy documents, see docs/policy.md");
  add(
    group,
    "put <name> <file>",
    "make a policy of a document, or replace it; - for standard input",
    "put commandUserPolicy ./policy.json",
  )
    .option("--description <text>", "what it is for")
    .action((name: string, file: string, flags) =>
      run(loadPolicies().then(({ runPolicyPut }) => runPolicyPut(name, file, flags, io))),
    );
  add(group, "show <name>", "print a policy's document", "show AliyunECSReadOnlyAccess").action((name: string, flags) =>
    run(loadPolicies().then(({ runPolicyShow }) => runPolicyShow(name, flags, io))),
  );
  add(group, "list", "list the policies, or those of a user", "list", "list --user ann")
    .option("--user <name>", "only those attached to this user")
    .action((flags) => run(loadPolicies().then(({ runPolicyList }) => runPolicyList(flags, io))));
  add(group, "attach <name>", "let a user do what a policy allows", "attach commandUserPolicy --user ann")
    .requiredOption("--user <name>", "to whom")
    .action((name: string, flags) =>
      run(loadPolicies().then(({ runPolicyAttach }) => runPolicyAttach(name, true, flags, io))),
    );
  add(group, "detach <name>", "undo attach", "detach commandUserPolicy --user ann")
    .requiredOption("--user <name>", "from whom")
    .action((name: string, flags) =>
      run(loadPolicies().then(({ runPolicyAttach }) => runPolicyAttach(name, false, flags, io))),
    );
  add(group, "delete <name>", "delete a policy that no user has", "delete commandUserPolicy").action(
    (name: string, flags) => run(loadPolicies().then(({ runPolicyDelete }) => runPolicyDelete(name, flags, io))),
  );
  add(
    group,
    "explain",
    "say what would be decided for a user, and how each statement bears on it",
    "explain --user ann --action RunCommand --resource instance/mi-1 --resource 'command/*' --run-as root",
  )
    .requiredOption("--user <name>", "who would call")
    .requiredOption("--action <name>", "RunCommand, or with the service: ecs:RunCommand")
    .option("--resource <name>", "instance/mi-1, command/*, …; may be repeated (default: *)", collect)
    .option("--run-as <name>", "user the script would run as")
    .option("--source-ip <address>", "address it would come from (default: this one)")
    .option("--time <time>", "when, as 2026-11-24T09:00:00Z (default: now)")
    .action((flags) => run(loadPolicies().then(({ runPolicyExplain }) => runPolicyExplain(flags, io))));
}

function addSts(program: Command, io: Io, run: Run): void {
  const group = program.command("sts").description("temporary access keys");
  add(
    group,
    "assume",
    "make a key that expires, and print it as lines for a shell",
    "assume --minutes 30",
    "assume --user ann --policy ./less.json --json",
  )
    .option("--user <name>", "with the rights of this user (default: of whoever calls)")
    .option("--session <name>", "name of the key's session", "cli")
    .option("--minutes <n>", "minutes it works (default: 60)", wholeNumber(15, 720))
    .option("--policy <file>", "a policy document that narrows it; - for standard input")
    .action((flags) => run(import("./commands/identity/sts.ts").then(({ runStsAssume }) => runStsAssume(flags, io))));
}
