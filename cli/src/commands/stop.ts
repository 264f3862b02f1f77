import type { Command } from "commander";
import { collect, openClient, withCredentials } from "../api-command.ts";
import type { CredentialOptions } from "../credentials.ts";

export function addStop(program: Command): void {
  withCredentials(program.command("stop"))
    .description("Stop an invocation: what runs is ended, what has not started never will.")
    .argument("<invoke-id>")
    .option("--instance <id>", "only there; may be repeated", collect)
    .option("--json", "print the API's answer")
    .action(stop);
}

async function stop(InvokeId: string, options: CredentialOptions & { instance?: string[]; json?: boolean }): Promise<void> {
  const answer = await openClient(options).call("StopInvocation", { InvokeId, InstanceId: options.instance });
  console.log(options.json ? JSON.stringify(answer) : `Stopping ${InvokeId}`);
}
