import type { ManagedInstanceAnswer } from "@cloud-assistant/shared/api/instances";
import { Client } from "../client.ts";
import { listHosts } from "../hosts.ts";
import { write, writeJson, type Io } from "../io.ts";
import { toTable } from "../table.ts";
import { resolveTarget, type TargetFlags } from "../target.ts";

export async function runInstances(flags: TargetFlags & { json?: boolean }, io: Io): Promise<number> {
  const client = new Client(resolveTarget(flags, io.env));
  const hosts = await listHosts(client);
  client.close();
  if (flags.json) await writeJson(io, hosts.map(toJson));
  else
    await write(
      io.stdout,
      toTable(["instance", "name", "hostname", "connected", "address", "system", "agent"], hosts.map(toRow)),
    );
  return 0;
}

function toRow(host: ManagedInstanceAnswer): string[] {
  const { InstanceId, InstanceName, Hostname, Connected, IntranetIp, OsVersion, AgentVersion } = host;
  return [InstanceId, InstanceName, Hostname, Connected ? "yes" : "no", IntranetIp, OsVersion, AgentVersion];
}

function toJson(host: ManagedInstanceAnswer) {
  return {
    instanceId: host.InstanceId,
    instanceName: host.InstanceName,
    hostname: host.Hostname,
    connected: host.Connected,
    osType: host.OsType,
    osVersion: host.OsVersion,
    agentVersion: host.AgentVersion,
    intranetIp: host.IntranetIp,
    internetIp: host.InternetIp,
    activationId: host.ActivationId,
    registeredAt: host.RegistrationTime,
    lastInvokedAt: host.LastInvokedTime,
    invocationCount: host.InvocationCount,
    tags: Object.fromEntries(host.Tags.map(({ TagKey, TagValue }) => [TagKey, TagValue])),
  };
}
