import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import { toKeys } from "../policy/condition-keys.ts";
import { allows, decide, type PolicyRequest } from "../policy/decide.ts";
import type { Call } from "./action.ts";
import type { Layer } from "./layers.ts";
import type { Demand, Resource } from "./resources.ts";

/** Characters of a name, more than any has: what is longer names nothing, and must not cost more to compare. */
const MAX_NAME = 256;

/** What policies are asked for one resource of a call. */
export function toPolicyRequest(
  permission: string,
  {
    accountId,
    regionId,
    sourceIp,
    atMs,
  }: { readonly accountId: string; readonly regionId: string; readonly sourceIp: string; readonly atMs: number },
  { runAs, requestTags = [] }: Demand,
  { name, tags = [] }: Resource,
): PolicyRequest {
  return {
    action: permission,
    resource: `acs:${permission.split(":")[0]}:${regionId}:${accountId}:${name.slice(0, MAX_NAME)}`,
    keys: toKeys({ sourceIp, atMs, resourceTags: tags, requestTags, runAs }),
  };
}

type Question = { readonly permission: string; readonly regionId: string; readonly demand: Demand };
type Refusal = { readonly request: PolicyRequest; readonly layer: Layer };
type Judge = Pick<Context, "clock" | "log">;

/** Milliseconds of deciding after which others get their turn: many resources and many policies are somebody's own time alone. */
const TURN_MS = 5;

/**
 * Lets the call pass when every layer allows every resource.
 * @throws {ApiError} `Forbidden.RAM`; which statement it was is in the log, and `policy explain` tells it.
 */
export async function authorize(context: Judge, call: Call, question: Question): Promise<void> {
  const refusal = await findRefusal(context, call, question);
  if (refusal) throw refuse(context, call, refusal);
}

/** Whether a part of a call that has an error code of its own is refused. The log says why. */
export async function isRefused(context: Judge, call: Call, question: Question): Promise<boolean> {
  const refusal = await findRefusal(context, call, question);
  if (refusal) refuse(context, call, refusal);
  return refusal !== undefined;
}

async function findRefusal(
  { clock }: Judge,
  { caller, sourceIp }: Call,
  { permission, regionId, demand }: Question,
): Promise<Refusal | undefined> {
  const { accountId, layers } = caller;
  if (layers.length === 0) return undefined;
  const about = { accountId, regionId: demand.regionId ?? regionId, sourceIp, atMs: clock.now() };
  let turnMs = clock.elapsed();
  for (const resource of demand.resources) {
    const request = toPolicyRequest(permission, about, demand, resource);
    const layer = layers.find(({ policies }) => !allows(policies, request));
    if (layer) return { request, layer };
    if (clock.elapsed() - turnMs > TURN_MS) {
      await clock.sleep(0);
      turnMs = clock.elapsed();
    }
  }
  return undefined;
}

function refuse({ log }: Pick<Context, "log">, { caller, requestId }: Call, { request, layer }: Refusal): ApiError {
  const { because, bearings } = decide(layer.policies, request);
  const by = bearings.find(({ effect, miss }) => effect === "Deny" && !miss);
  const { accountId, user, session } = caller;
  const { action, resource } = request;
  log.info(
    {
      requestId,
      accountId,
      userName: user?.userName,
      action,
      resource,
      because,
      layer: layer.name,
      ...(by && { policy: by.policy, statement: by.statement }),
    },
    "call refused by policy",
  );
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
