import type { Context } from "../context.ts";
import type { Command, Instance, Scope, Tag } from "../store/store.ts";
import { isIn } from "./scope.ts";
import { taggedResources } from "./tagged-resources.ts";

/** One thing a caller must be allowed to do it to, named as policies do behind the account: `instance/mi-1`, `command/*`. */
export type Resource = { readonly name: string; readonly tags?: readonly Tag[] };

/** What a call asks a policy about. All of the resources must be allowed. */
export type Demand = {
  /** Where the call's input does not say it. */
  readonly regionId?: string;
  readonly resources: readonly Resource[];
  /** User that a script would run as. */
  readonly runAs?: string;
  /** Tags for what the call makes. */
  readonly requestTags?: readonly Tag[];
};

/** For what is not about one kind of resource; only `*` in a policy fits. */
export const EVERYTHING: Demand = { resources: [{ name: "*" }] };

/** What ModifyCloudAssistantSettings changes. */
export const SETTINGS: Demand = { resources: [{ name: "servicesettings/*" }] };

/** Named instances with their tags, unknown ones without; all of them (`instance/*`) where none is named. */
export async function instanceResources(
  context: Pick<Context, "store">,
  scope: Scope,
  ids: readonly string[],
): Promise<Resource[]> {
  return taggedResources(context, scope, { ResourceType: "instance", ResourceId: ids });
}

export function instanceResource({ instanceId, tags }: Pick<Instance, "instanceId" | "tags">): Resource {
  return { name: `instance/${instanceId}`, tags };
}

/** A kept command with its tags, if it is there. */
export function commandResource(commandId: string, command?: Pick<Command, "tags">): Resource {
  return { name: `command/${commandId}`, tags: command?.tags ?? [] };
}

/** A kept command by its id; all of them (`command/*`) where none is named. */
export async function findCommandResource(
  { store }: Pick<Context, "store">,
  scope: Scope,
  commandId: string | undefined,
): Promise<Resource> {
  if (commandId === undefined) return { name: "command/*" };
  const found = await store.commands.find(commandId);
  return commandResource(commandId, isIn(scope, found) ? found : undefined);
}

/** Who asks for an invocation asks for its instances and its command; who names nothing asks for all of them. */
export async function invocationResources(
  context: Pick<Context, "store">,
  scope: Scope,
  asked: {
    readonly InvokeId?: string | undefined;
    readonly InstanceId?: string | readonly string[] | undefined;
    readonly CommandId?: string | undefined;
  },
): Promise<{ instances: Resource[]; command: Resource }> {
  const { store } = context;
  const found = asked.InvokeId === undefined ? undefined : await store.invocations.find(asked.InvokeId);
  const invocation = isIn(scope, found) ? found : undefined;
  let ids = [asked.InstanceId ?? []].flat();
  if (ids.length === 0 && invocation)
    ids = (await store.runs.listOf(invocation.invokeId)).map(({ instanceId }) => instanceId);
  return {
    instances: await instanceResources(context, scope, ids),
    command: await findCommandResource(context, scope, asked.CommandId ?? invocation?.commandId),
  };
}

/** The user a script runs as where the request names none (RunCommand, Username). */
export function runAsOf(commandType: string, username: string): string {
  return username || (commandType === "RunShellScript" ? "root" : "System");
}
