import { join } from "node:path";
import { runOnce } from "@cloud-assistant/control-plane/jobs/retention";
import { afterEach, expect, test } from "vitest";
import { findImbalances } from "../support/books.ts";
import { campaignSeeds } from "../support/campaign.ts";
import { openApi, type OpenApi } from "../support/open-api.ts";
import { makeAccount } from "../support/identity.ts";
import { integer, seededRandom, type Random } from "../support/random.ts";
import type { Target } from "../support/sdk.ts";
import { CallFailed } from "../support/server.ts";
import { callAny, type Json } from "../support/tenant.ts";

const CALLS = 600;
const AT_ONCE = 24;

let api: OpenApi;
afterEach(() => api.close());

/** What calls have made so far; any of it may be gone by the time it is asked for. */
type Known = { hosts: string[]; commands: string[]; schedules: string[]; invocations: string[]; activations: string[] };

function pick(random: Random, from: readonly string[]): string {
  return from[integer(random, 0, from.length - 1)] ?? "none";
}

function act(random: Random, known: Known): readonly [string, Json] {
  const host = pick(random, known.hosts);
  const hosts = [...new Set([host, pick(random, known.hosts), pick(random, known.hosts)])];
  const [CommandId, InvokeId, ActivationId] = [
    pick(random, known.commands),
    pick(random, known.invocations),
    pick(random, known.activations),
  ];
  const script = { Type: "RunShellScript", CommandContent: "echo" };
  const tag = [{ Key: `k${integer(random, 0, 30)}`, Value: "v" }];
  const name = `p${integer(random, 0, 2)}`;
  const kinds = [
    ["command", CommandId],
    ["invocation", InvokeId],
    ["activation", ActivationId],
    ["managedinstance", host],
  ] as const;
  const [ResourceType, resource] = kinds[integer(random, 0, 3)] ?? kinds[0];
  const tagged = { ResourceType, ResourceId: [resource] };
  const choices: (readonly [string, Json])[] = [
    ["RunCommand", { ...script, InstanceId: hosts, Tag: tag, ClientToken: `t${integer(random, 0, 5)}` }],
    ["RunCommand", { ...script, InstanceId: hosts, KeepCommand: true }],
    ["RunCommand", { ...script, InstanceId: [host], RepeatMode: "EveryReboot" }],
    ["RunCommand", { ...script, ResourceTag: tag }],
    ["RunCommand", { ...script, InstanceId: hosts, RepeatMode: "DryRun" }],
    ["CreateCommand", { ...script, Name: "n", ContentEncoding: "PlainText" }],
    ["ModifyCommand", { CommandId, Description: `d${integer(random, 0, 9)}` }],
    ["DeleteCommand", { CommandId }],
    ["InvokeCommand", { CommandId, InstanceId: hosts }],
    ["StopInvocation", { InvokeId }],
    ["StopInvocation", { InvokeId, InstanceId: [host] }],
    [
      "ModifyInvocationAttribute",
      { InvokeId: pick(random, known.schedules), CommandContent: `echo ${integer(random, 0, 9)}`, InstanceId: hosts },
    ],
    ["CreateActivation", { InstanceName: "act", Tag: tag, ClientToken: `a${integer(random, 0, 9)}` }],
    ["DisableActivation", { ActivationId }],
    ["DeleteActivation", { ActivationId }],
    ["ModifyManagedInstance", { InstanceId: host, InstanceName: `host${integer(random, 0, 9)}` }],
    ["TagResources", { ...tagged, Tag: tag }],
    ["UntagResources", { ...tagged, TagKey: [tag[0]?.Key] }],
    ["ListTagResources", tagged],
    ["DescribeCommands", {}],
    ["DescribeInvocations", { InvokeId }],
    ["DescribeInvocationResults", { InvokeId }],
    ["DescribeManagedInstances", { Tag: tag }],
    ["CreateSecretParameter", { Name: name, Value: "x" }],
    ["UpdateSecretParameter", { Name: name, Value: "y" }],
    ["DeleteSecretParameter", { Name: name }],
    ["CreateParameter", { Name: name, Type: "String", Value: "x" }],
    ["DeleteParameter", { Name: name }],
    [
      "RunCommand",
      { ...script, CommandContent: `echo {{oos-secret:${name}}}`, EnableParameter: true, InstanceId: [host] },
    ],
  ];
  // rarely, as there is no way back
  if (known.hosts.length > 3 && random() < 0.01)
    return ["DeregisterManagedInstance", { InstanceId: known.hosts.pop() }];
  return choices[integer(random, 0, choices.length - 1)] ?? ["DescribeCommands", {}];
}

test.each(campaignSeeds(2))(
  "whatever races, no call fails in a way that is not documented, and the books balance (seed %i)",
  { timeout: 300_000 },
  async (seed) => {
    api = await openApi({ maxCommands: 5, resultsMaxCount: 60, maxOpenActivations: 20 });
    const random = seededRandom(seed);
    const { accountId, target } = await makeAccount(api.target, "second");
    const tenants = await Promise.all([addTenant(api.target), addTenant(target, accountId)]);
    const wrong: unknown[] = [];
    let left = CALLS;
    const caller = async (_: unknown, index: number): Promise<void> => {
      const [own, other] = index % 2 === 0 ? tenants : tenants.toReversed();
      if (!own || !other) throw new Error("there are two");
      while (left-- > 0) {
        // now and then for what the other one has, which is not found
        const [action, parameters] = act(random, random() < 0.9 ? own.known : other.known);
        const answer = await callAny(own.target, action, parameters).catch((error: unknown) => {
          if (!(statusOf(error) < 500)) wrong.push([action, parameters, String(error)]);
        });
        if (answer) await goOn(random, own.known, parameters, answer);
      }
    };
    const over = new AbortController();
    const retention = (async () => {
      while (!over.signal.aborted) await runOnce(api.context).catch((error: unknown) => wrong.push(String(error)));
    })();
    await Promise.all(Array.from({ length: AT_ONCE }, caller));
    over.abort();
    await retention;
    expect(wrong).toEqual([]);
    expect(findImbalances(join(api.context.config.dataDir, "control-plane.db"))).toEqual([]);
    expect(api.logged.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
  },
);

async function addTenant(target: Target, accountId?: string): Promise<{ target: Target; known: Known }> {
  const hosts = await Promise.all(
    Array.from({ length: 6 }, () => api.addInstance(accountId === undefined ? {} : { accountId })),
  );
  return {
    target,
    known: {
      hosts: hosts.map(({ instanceId }) => instanceId),
      commands: [],
      schedules: [],
      invocations: [],
      activations: [],
    },
  };
}

function statusOf(error: unknown): number {
  return error instanceof CallFailed ? error.status : Number.NaN;
}

/** Remembers what was made; most of what is to run does, on a host that may not be one of its own. */
async function goOn(
  random: Random,
  known: Known,
  { RepeatMode, KeepCommand, Name }: Json,
  { CommandId, InvokeId, ActivationId }: Json,
): Promise<void> {
  if (CommandId && (KeepCommand || Name)) known.commands.push(CommandId);
  if (ActivationId) known.activations.push(ActivationId);
  if (!InvokeId) return;
  known.invocations.push(InvokeId);
  if (RepeatMode === "EveryReboot") known.schedules.push(InvokeId);
  if (random() < 0.7)
    await api
      .play({ invokeId: InvokeId, instanceId: pick(random, known.hosts) }, Buffer.from("out"))
      .catch(() => undefined);
}
