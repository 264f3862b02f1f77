import { randomUUID } from "node:crypto";
import type { CreateActivationAnswer } from "@cloud-assistant/shared/api/activations";
import { Client } from "../client.ts";
import { write, writeJson, type Io } from "../io.ts";
import { resolveTarget, type TargetFlags } from "../target.ts";

export type ActivationFlags = TargetFlags & { count?: number; hours?: number; name?: string; json?: boolean };

/** For the answer of the server's key, milliseconds. */
const KEY_TIMEOUT_MS = 10_000;

export async function runActivationCreate(flags: ActivationFlags, io: Io): Promise<number> {
  const client = new Client(resolveTarget(flags, io.env));
  const { endpoint } = client.target;
  const { askServerKey } = await import("@cloud-assistant/agent/server-key");
  const { ActivationId: activationId, ActivationCode: activationCode } =
    await client.callRepeatably<CreateActivationAnswer>("CreateActivation", {
      ClientToken: randomUUID(),
      InstanceCount: flags.count,
      TimeToLiveInHours: flags.hours,
      InstanceName: flags.name,
    });
  const { fingerprint: serverKey } = await askServerKey(endpoint, { signal: AbortSignal.timeout(KEY_TIMEOUT_MS) });
  client.close();
  // printf is part of the shell, so the code is in no process list
  const registerCommand =
    `printf %s '${activationCode}' | npx cloud-assistant agent register --server ${endpoint} ` +
    `--activation-id ${activationId} --activation-code-file - --server-key ${serverKey}`;
  if (flags.json) await writeJson(io, { activationId, activationCode, endpoint, serverKey, registerCommand });
  else await write(io.stdout, toText({ activationId, activationCode, registerCommand, local: isLocal(endpoint) }));
  return 0;
}

type Shown = {
  readonly activationId: string;
  readonly activationCode: string;
  readonly registerCommand: string;
  readonly local: boolean;
};

function toText({ activationId, activationCode, registerCommand, local }: Shown): string {
  return [
    `Activation ID    ${activationId}`,
    `Activation code  ${activationCode}   (shown this once)`,
    "",
    `Register a host with this line${local ? ", which works on this machine only: the control plane listens on it alone" : ""}:`,
    "",
    registerCommand,
    "",
  ].join("\n");
}

function isLocal(endpoint: string): boolean {
  return /^(?:localhost|\[::1\]|127(?:\.\d+){3})$/.test(new URL(endpoint).hostname);
}
