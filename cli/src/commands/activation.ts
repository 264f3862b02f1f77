import type { Command } from "commander";
import { openClient, wholeNumber, withCredentials } from "../api-command.ts";
import { findCredentials, readControlPlaneFile, type CredentialOptions } from "../credentials.ts";

type Options = CredentialOptions & { count?: number; hours?: number; name?: string; json?: boolean };

export function addActivation(program: Command): void {
  const activation = program.command("activation").description("Activations turn hosts into managed instances.");
  withCredentials(activation.command("create"))
    .description("Make an activation and print the line that registers a host with it.")
    .option("--count <n>", "how many hosts may use it (default 10)", wholeNumber)
    .option("--hours <n>", "how long it can be used (default 4)", wholeNumber)
    .option("--name <prefix>", "default name of the hosts: <prefix>-001 …")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  cloud-assistant activation create --data-dir ./control-plane --count 5 --name lab")
    .action(create);
}

async function create(options: Options): Promise<void> {
  const { ActivationId, ActivationCode } = await openClient(options).call("CreateActivation", {
    InstanceCount: options.count,
    TimeToLiveInHours: options.hours,
    InstanceName: options.name,
  });
  const { endpoint } = findCredentials(options, process.env);
  const key = options.dataDir === undefined ? "" : ` --server-key ${readControlPlaneFile(options.dataDir).keyFingerprint}`;
  const register = `npx cloud-assistant agent register --server ${endpoint} --activation-id ${ActivationId} --activation-code ${ActivationCode}${key}`;
  if (options.json) console.log(JSON.stringify({ ActivationId, ActivationCode, Register: register }));
  else console.log(`Activation  ${ActivationId}\nCode        ${ActivationCode}   (shown only now)\n\nOn the host:\n  ${register}`);
}
