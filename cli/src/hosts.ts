import type { DescribeManagedInstancesAnswer, ManagedInstanceAnswer } from "@cloud-assistant/shared/api/instances";
import type { Client } from "./client.ts";
import { printable } from "./printable.ts";

/** What DescribeManagedInstances takes and gives at once. */
const PAGE = 50;

export async function listHosts(client: Client): Promise<ManagedInstanceAnswer[]> {
  const hosts: ManagedInstanceAnswer[] = [];
  let token: string | undefined;
  do {
    const answer = await client.call<DescribeManagedInstancesAnswer>("DescribeManagedInstances", {
      MaxResults: PAGE,
      NextToken: token,
    });
    hosts.push(...answer.Instances);
    token = answer.NextToken;
  } while (token);
  return hosts;
}

/** A name for each id, safe for a terminal and unlike the others: the host's, and its id where two are called the same. */
export async function nameHosts(client: Client, instanceIds: readonly string[]): Promise<Map<string, string>> {
  const found: ManagedInstanceAnswer[] = [];
  for (let at = 0; at < instanceIds.length; at += PAGE) {
    const answer = await client.call<DescribeManagedInstancesAnswer>("DescribeManagedInstances", {
      MaxResults: PAGE,
      InstanceId: instanceIds.slice(at, at + PAGE),
    });
    found.push(...answer.Instances);
  }
  return toNames(instanceIds, found);
}

export function toNames(
  instanceIds: readonly string[],
  hosts: readonly Pick<ManagedInstanceAnswer, "InstanceId" | "InstanceName" | "Hostname">[],
): Map<string, string> {
  const given = new Map(hosts.map((host) => [host.InstanceId, printable(host.InstanceName || host.Hostname)]));
  const uses = new Map<string, number>();
  for (const id of instanceIds) {
    const name = given.get(id) ?? "";
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  return new Map(
    instanceIds.map((id) => {
      const name = given.get(id) ?? "";
      return [id, name === "" ? id : uses.get(name) === 1 ? name : `${name} (${id})`];
    }),
  );
}
