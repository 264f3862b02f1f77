import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import { toKeys } from "../policy/condition-keys.ts";
import { decide, type Decision, type NamedPolicy, type PolicyRequest } from "../policy/decide.ts";
import { parseKnownPolicy } from "../policy/known-policies.ts";
import { SYSTEM_POLICIES } from "../policy/system-policies.ts";
import type { Caller, Call } from "./action.ts";
import type { Demand, Resource } from "./resources.ts";

/** Policies that must each allow a call: the user's, and the one that came with a temporary key. */
export type Layer = { readonly name: "user" | "session"; readonly policies: readonly NamedPolicy[] };

/** Whether anything limits the caller; the account itself may do everything. */
export function isLimited({ user, session }: Caller): boolean {
  return user !== undefined || session?.policy !== undefined;
}

export async function listLayers({ store }: Pick<Context, "store">, { user, session }: Pick<Caller, "user" | "session">): Promise<Layer[]> {
  const layers: Layer[] = [];
  if (user) layers.push({ name: "user", policies: (await store.policies.listOf(user.userId)).map(({ type, name, document }) => toNamed(type, name, document)) });
  if (session?.policy !== undefined) layers.push({ name: "session", policies: [{ name: "the temporary key's policy", policy: parseKnownPolicy(session.policy) }] });
  return layers;
}

function toNamed(type: string, name: string, document: string | undefined): NamedPolicy {
  const system = type === "System" ? SYSTEM_POLICIES.get(name)?.policy : undefined;
  if (!system && document === undefined) throw new Error(`the ${type} policy ${name} is attached and not there`);
  return { name, policy: system ?? parseKnownPolicy(document ?? "") };
}

/** What policies are asked for one resource of a call. `service` is that of the permission: `ecs`. */
export function toPolicyRequest(
  permission: string,
  { accountId, regionId, sourceIp, atMs }: { readonly accountId: string; readonly regionId: string; readonly sourceIp: string; readonly atMs: number },
  { runAs, requestTags = [] }: Demand,
  { name, tags = [] }: Resource,
): PolicyRequest {
  return {
    action: permission,
    resource: `acs:${permission.split(":")[0]}:${regionId}:${accountId}:${name}`,
    keys: toKeys({ sourceIp, atMs, resourceTags: tags, requestTags, runAs }),
  };
}

type Question = { readonly permission: string; readonly regionId: string; readonly demand: Demand };
type Refusal = { readonly request: PolicyRequest; readonly layer: Layer; readonly decision: Decision };

/**
 * Lets the call pass when every layer allows every resource.
 * @throws {ApiError} `Forbidden.RAM`; which statement it was is in the log, and `policy explain` tells it.
 */
export async function authorize(context: Pick<Context, "store" | "clock" | "log">, call: Call, question: Question): Promise<void> {
  const refusal = await findRefusal(context, call, question);
  if (refusal) throw refuse(context, call, refusal);
}

/** Whether a part of a call that has an error code of its own is refused. The log says why. */
export async function isRefused(context: Pick<Context, "store" | "clock" | "log">, call: Call, question: Question): Promise<boolean> {
  const refusal = await findRefusal(context, call, question);
  if (refusal) refuse(context, call, refusal);
  return refusal !== undefined;
}

async function findRefusal(context: Pick<Context, "store" | "clock">, { caller, sourceIp }: Call, { permission, regionId, demand }: Question): Promise<Refusal | undefined> {
  if (!isLimited(caller)) return undefined;
  const layers = await listLayers(context, caller);
  const about = { accountId: caller.accountId, regionId: demand.regionId ?? regionId, sourceIp, atMs: context.clock.now() };
  for (const resource of demand.resources) {
    const request = toPolicyRequest(permission, about, demand, resource);
    for (const layer of layers) {
      const decision = decide(layer.policies, request);
      if (decision.decision === "Deny") return { request, layer, decision };
    }
  }
  return undefined;
}

function refuse({ log }: Pick<Context, "log">, { caller, requestId }: Call, { request: { action, resource }, layer, decision: { because, bearings } }: Refusal): ApiError {
  const by = bearings.find(({ effect, miss }) => effect === "Deny" && !miss);
  const { accountId, user, session } = caller;
  log.info({ requestId, accountId, userName: user?.userName, action, resource, because, layer: layer.name, ...(by && { policy: by.policy, statement: by.statement }) }, "call refused by policy");
  return new ApiError("Forbidden.RAM", {
    accessDenied: {
      AuthAction: action,
      AuthPrincipalType: session ? "AssumedRoleUser" : "SubUser",
      AuthPrincipalOwnerId: accountId,
      AuthPrincipalDisplayName: session ? `${user?.userName ?? "root"}:${session.name}` : (user?.userName ?? ""),
      NoPermissionType: because === "denied" ? "ExplicitDeny" : "ImplicitDeny",
      PolicyType: layer.name === "user" ? "AccountLevelIdentityBasedPolicy" : "SessionPolicy",
    },
  });
}
