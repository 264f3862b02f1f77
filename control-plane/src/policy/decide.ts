import type { Condition, Patterns, Policy, Statement } from "./document.ts";
import { matchesAction, matchesResource } from "./glob.ts";

/** One question: may this be done to that? */
export type PolicyRequest = {
  /** `ecs:RunCommand` */
  readonly action: string;
  /** `acs:ecs:cn-hangzhou:1000000000000001:instance/mi-1` */
  readonly resource: string;
  /** What else the request says of itself, by condition key. */
  readonly keys: ReadonlyMap<string, string>;
};
export type NamedPolicy = { readonly name: string; readonly policy: Policy };

/** How one statement bears on the request. `statement` counts from 1, as the faults of a document do. */
export type Bearing = {
  readonly policy: string;
  readonly statement: number;
  readonly effect: Statement["effect"];
  /** Undefined: the statement applies. */
  readonly miss?: Miss;
};
export type Miss =
  | { readonly part: "Action" | "Resource" }
  | { readonly part: "Condition"; readonly condition: Condition; readonly given: string | undefined };

export type Decision = {
  readonly decision: "Allow" | "Deny";
  /** `denied`: a Deny applies, and wins. `allowed`: an Allow does. `nothing`: nothing applies, so the answer is no. */
  readonly because: "denied" | "allowed" | "nothing";
  /** Every statement, by policy and number, whatever order the policies came in. */
  readonly bearings: readonly Bearing[];
};

/** Pure. A Deny wins, whatever else; without an Allow the answer is no. */
export function decide(policies: readonly NamedPolicy[], request: PolicyRequest): Decision {
  const bearings = policies.flatMap(({ name, policy }) =>
    policy.statements.map(({ effect, ...statement }, index): Bearing => {
      const miss = findMiss(statement, request);
      return { policy: name, statement: index + 1, effect, ...(miss && { miss }) };
    }),
  );
  const applies = (effect: Statement["effect"]): boolean =>
    bearings.some((bearing) => bearing.effect === effect && !bearing.miss);
  const because = applies("Deny") ? "denied" : applies("Allow") ? "allowed" : "nothing";
  return { decision: because === "allowed" ? "Allow" : "Deny", because, bearings: bearings.toSorted(byPlace) };
}

/** The same decision without its reasons: what every call is asked, for each of its resources. */
export function allows(policies: readonly NamedPolicy[], request: PolicyRequest): boolean {
  let allowed = false;
  for (const { policy } of policies) {
    for (const statement of policy.statements) {
      if ((allowed && statement.effect === "Allow") || findMiss(statement, request)) continue;
      if (statement.effect === "Deny") return false;
      allowed = true;
    }
  }
  return allowed;
}

function findMiss(
  { actions, resources, conditions }: Omit<Statement, "effect">,
  { action, resource, keys }: PolicyRequest,
): Miss | undefined {
  if (!covers(actions, (pattern) => matchesAction(pattern, action))) return { part: "Action" };
  if (!covers(resources, (pattern) => matchesResource(pattern, resource))) return { part: "Resource" };
  const failed = conditions.find((condition) => !holds(condition, keys.get(condition.key)));
  return failed && { part: "Condition", condition: failed, given: keys.get(failed.key) };
}

function covers({ not, patterns }: Patterns, fits: (pattern: string) => boolean): boolean {
  return patterns.some(fits) !== not;
}

/** A key the request says nothing about equals nothing, and so differs from everything. */
function holds({ operator, values }: Condition, given: string | undefined): boolean {
  const matched = given !== undefined && values.some((wanted) => operator.matches(given, wanted));
  return matched !== operator.negated;
}

/** In words, for `policy explain` and the log. */
export function explainMiss(miss: Miss): string {
  if (miss.part !== "Condition") return `the ${miss.part.toLowerCase()} is another one`;
  const { name, key, values } = miss.condition;
  return `${name} ${key}: it is ${miss.given === undefined ? "not given" : JSON.stringify(miss.given)}, the policy has ${values.map((value) => JSON.stringify(value)).join(", ")}`;
}

function byPlace(a: Bearing, b: Bearing): number {
  if (a.policy !== b.policy) return a.policy < b.policy ? -1 : 1;
  return a.statement - b.statement;
}
