import {
  ExplainPolicyInput,
  type ExplainedAnswer,
  type ExplainPolicyAnswer,
  type StatementAnswer,
} from "@cloud-assistant/shared/api/identity";
import { RAM_VERSION } from "@cloud-assistant/shared/api/versions";
import type { Context } from "../../context.ts";
import { decide, explainMiss, type Bearing, type Decision } from "../../policy/decide.ts";
import type { Scope } from "../../store/store.ts";
import { defineAction } from "../action.ts";
import { toPolicyRequest } from "../authorize.ts";
import { listLayers } from "../layers.ts";
import { parameterResource } from "../parameter-resources.ts";
import type { Resource } from "../resources.ts";
import { toScope } from "../scope.ts";
import { taggedResources, toKind } from "../tagged-resources.ts";
import { findUser } from "./owner.ts";

const BECAUSE: Readonly<Record<Decision["because"], string>> = {
  allowed: "an Allow applies and no Deny does",
  denied: "a Deny applies, and a Deny wins",
  nothing: "no Allow applies",
};

/** Ours: what would be decided for a user, by the same code that decides, and how each statement bears on it. */
export const explainPolicy = defineAction({
  name: "ExplainPolicy",
  version: RAM_VERSION,
  resources: "accountOnly",
  input: ExplainPolicyInput,
  mutates: false,
  run: async (context, input, call): Promise<ExplainPolicyAnswer> => {
    const user = await findUser(context, call, input.UserName);
    const policies = (await listLayers(context, { user })).flatMap((layer) => layer.policies);
    const scope = toScope(call, input.RegionId);
    const about = {
      ...scope,
      sourceIp: input.SourceIp ?? call.sourceIp,
      atMs: input.CurrentTime === undefined ? context.clock.now() : Date.parse(input.CurrentTime),
    };
    const resources = await findResources(context, scope, input.Resource);
    const demand = { resources, requestTags: input.Tag, ...(input.RunAs !== undefined && { runAs: input.RunAs }) };
    const results = resources.map((resource): ExplainedAnswer => {
      const request = toPolicyRequest(input.ActionName, about, demand, resource);
      const { decision, because, bearings } = decide(policies, request);
      return {
        Resource: request.resource,
        Decision: decision,
        Because: BECAUSE[because],
        Statements: { Statement: bearings.map(toStatement) },
      };
    });
    return {
      Decision: results.every(({ Decision: one }) => one === "Allow") ? "Allow" : "Deny",
      Results: { Result: results },
    };
  },
});

/** With the tags they have, as the actions themselves look them up. */
async function findResources(context: Context, scope: Scope, names: readonly string[]): Promise<Resource[]> {
  const asked = names.length === 0 ? ["*"] : names;
  return Promise.all(asked.map((name) => findResource(context, scope, name)));
}

async function findResource(context: Context, scope: Scope, name: string): Promise<Resource> {
  const { kind = "", id = "" } = /^(?<kind>[a-z]+)\/(?<id>[^*]+)$/.exec(name)?.groups ?? {};
  if (kind === "parameter" || kind === "secretparameter") {
    const key = { ...scope, secret: kind === "secretparameter", name: id };
    return parameterResource(key, await context.store.parameters.find(key));
  }
  const [found] = toKind(kind) ? await taggedResources(context, scope, { ResourceType: kind, ResourceId: [id] }) : [];
  return found ?? { name };
}

function toStatement({ policy, statement, effect, miss }: Bearing): StatementAnswer {
  return {
    PolicyName: policy,
    Statement: statement,
    Effect: effect,
    Applies: !miss,
    Reason: miss ? explainMiss(miss) : "",
  };
}
