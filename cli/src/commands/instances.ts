import type { Command } from "commander";
import { openClient, printTable, withCredentials } from "../api-command.ts";
import type { Client } from "../client.ts";
import type { CredentialOptions } from "../credentials.ts";

export type ManagedInstance = { InstanceId: string; InstanceName: string; Hostname: string; Connected: boolean; OsVersion: string; IntranetIp: string };

export function addInstances(program: Command): void {
  withCredentials(program.command("instances")).description("The registered hosts.").option("--json", "print JSON").action(instances);
}

async function instances(options: CredentialOptions & { json?: boolean }): Promise<void> {
  const found = await listInstances(openClient(options));
  if (options.json) return console.log(JSON.stringify(found));
  const rows = found.map((row) => [row.InstanceId, row.InstanceName, row.Hostname, row.Connected ? "connected" : "offline", row.IntranetIp, row.OsVersion]);
  printTable([["INSTANCE", "NAME", "HOST", "STATE", "ADDRESS", "SYSTEM"], ...rows]);
}

export async function listInstances(client: Client): Promise<ManagedInstance[]> {
  const found: ManagedInstance[] = [];
  for (let NextToken: string | undefined; ; ) {
    const page = await client.call("DescribeManagedInstances", { MaxResults: 50, NextToken });
    found.push(...(page["Instances"] as ManagedInstance[]));
    NextToken = page["NextToken"] as string | undefined;
    if (!NextToken) return found;
  }
}
