import type { Command } from "commander";
import { openClient, printTable, withCredentials, wholeNumber } from "../api-command.ts";
import type { CredentialOptions } from "../credentials.ts";

type Invocation = { InvokeId: string; CreationTime: string; InvocationStatus: string; CommandName: string; InvokeInstances: { InvokeInstance: { InstanceId: string }[] } };

export function addPs(program: Command): void {
  withCredentials(program.command("ps"))
    .description("The newest invocations.")
    .option("--limit <n>", "how many, 1 to 50", wholeNumber, 10)
    .option("--json", "print the API's answer")
    .action(ps);
}

async function ps(options: CredentialOptions & { limit: number; json?: boolean }): Promise<void> {
  const answer = await openClient(options).call("DescribeInvocations", { MaxResults: options.limit });
  const invocations = answer["Invocations"].Invocation as Invocation[];
  if (options.json) return console.log(JSON.stringify(invocations));
  const rows = invocations.map((row) => [row.InvokeId, row.CreationTime, row.InvocationStatus, String(row.InvokeInstances.InvokeInstance.length), row.CommandName]);
  printTable([["INVOCATION", "CREATED", "STATUS", "HOSTS", "NAME"], ...rows]);
}
