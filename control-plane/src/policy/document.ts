import { findRepeatedKey } from "@cloud-assistant/shared/api/json-keys";
import { findKeyFault } from "./condition-keys.ts";
import { splitResource } from "./glob.ts";
import { OPERATORS, type Operator } from "./operators.ts";
import { nearestName } from "../nearest-name.ts";

/** `not`: whatever fits none of the patterns. */
export type Patterns = { readonly not: boolean; readonly patterns: readonly string[] };
export type Condition = {
  readonly name: string;
  readonly operator: Operator;
  readonly key: string;
  readonly values: readonly string[];
};
export type Statement = {
  readonly effect: "Allow" | "Deny";
  readonly actions: Patterns;
  readonly resources: Patterns;
  /** All of them must hold. */
  readonly conditions: readonly Condition[];
};
export type Policy = { readonly statements: readonly Statement[] };

/** Characters of a document (RAM: limits of a custom policy). */
export const MAX_POLICY_CHARACTERS = 6_144;

/** Characters of a pattern: the longest names of resources, those of parameters, have 230. */
const MAX_PATTERN = 512;
/** Stars of a pattern: each is one more place to begin anew. */
const MAX_STARS = 16;

/** Told by `parsePolicy`; the message names the place: `Statement 2, Condition: …`. */
export class PolicyFault extends Error {
  override readonly name = "PolicyFault";
}

/**
 * Reads a RAM policy document, version 1. Whatever it does not know it refuses: a policy must mean what its author believes.
 * @throws {PolicyFault}
 */
export function parsePolicy(text: string): Policy {
  if (text.length > MAX_POLICY_CHARACTERS)
    throw new PolicyFault(`the document has more than ${MAX_POLICY_CHARACTERS} characters`);
  const root = asObject(parseJson(text), "the document");
  const repeated = findRepeatedKey(text, Infinity);
  if (repeated !== undefined) throw new PolicyFault(`${JSON.stringify(repeated)} is there twice in one object`);
  checkNames(root, ["Version", "Statement"], "the document");
  if (root["Version"] !== "1") throw new PolicyFault('Version must be "1"');
  const given = Array.isArray(root["Statement"]) ? (root["Statement"] as unknown[]) : [root["Statement"]];
  if (given.length === 0) throw new PolicyFault("Statement is empty");
  return { statements: given.map((statement, index) => readStatement(statement, `Statement ${index + 1}`)) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PolicyFault(`the document is not JSON: ${(error as Error).message}`);
  }
}

const STATEMENT_NAMES = ["Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];

function readStatement(given: unknown, where: string): Statement {
  const statement = asObject(given, where);
  checkNames(statement, STATEMENT_NAMES, where);
  const effect = statement["Effect"];
  if (effect !== "Allow" && effect !== "Deny") throw new PolicyFault(`${where}: Effect must be "Allow" or "Deny"`);
  return {
    effect,
    actions: readPatterns(statement, "Action", where, isAction, "* or SERVICE:ACTION, as in ecs:Describe*"),
    resources: readPatterns(
      statement,
      "Resource",
      where,
      isResource,
      "* or acs:SERVICE:REGION:ACCOUNT:RELATIVE, as in acs:ecs:*:*:instance/*",
    ),
    conditions: readConditions(statement["Condition"], `${where}, Condition`),
  };
}

function readPatterns(
  statement: Readonly<Record<string, unknown>>,
  name: string,
  where: string,
  isPattern: (text: string) => boolean,
  form: string,
): Patterns {
  const [plain, negated] = [statement[name], statement[`Not${name}`]];
  if ((plain === undefined) === (negated === undefined))
    throw new PolicyFault(`${where}: it wants either ${name} or Not${name}`);
  const patterns = asTexts(plain ?? negated, `${where}, ${name}`);
  const wrong = patterns.find((pattern) => !isPattern(pattern));
  if (wrong !== undefined) throw new PolicyFault(`${where}, ${name}: ${JSON.stringify(wrong)} is not ${form}`);
  for (const pattern of patterns) checkPattern(pattern, `${where}, ${name}`);
  return { not: plain === undefined, patterns };
}

function checkPattern(pattern: string, where: string): void {
  if (pattern.length > MAX_PATTERN) throw new PolicyFault(`${where}: a value has more than ${MAX_PATTERN} characters`);
  if (pattern.split("*").length - 1 > MAX_STARS)
    throw new PolicyFault(`${where}: ${JSON.stringify(pattern)} has more than ${MAX_STARS} *`);
}

function isAction(text: string): boolean {
  return text === "*" || /^[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+$/.test(text);
}

function isResource(text: string): boolean {
  return text === "*" || splitResource(text)?.every((part) => !/\s/.test(part)) === true;
}

function readConditions(given: unknown, where: string): Condition[] {
  if (given === undefined) return [];
  return Object.entries(asObject(given, where)).flatMap(([name, keys]) => {
    const operator = OPERATORS.get(name);
    if (!operator)
      throw new PolicyFault(
        `${where}: there is no operator ${name}: did you mean ${nearestName(name, [...OPERATORS.keys()])}?`,
      );
    return Object.entries(asObject(keys, `${where}, ${name}`)).map(([key, wanted]) => {
      const fault = findKeyFault(key, operator.family);
      if (fault) throw new PolicyFault(`${where}, ${name}: ${fault}`);
      const values = asTexts(wanted, `${where}, ${name} ${key}`);
      const wrong = values.find((value) => !operator.isValue(value));
      if (wrong !== undefined)
        throw new PolicyFault(`${where}, ${name} ${key}: ${JSON.stringify(wrong)} is not a value for it`);
      if (operator.family === "String") for (const value of values) checkPattern(value, `${where}, ${name} ${key}`);
      return { name, operator, key, values };
    });
  });
}

function checkNames(object: Readonly<Record<string, unknown>>, known: readonly string[], where: string): void {
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new PolicyFault(
      `${where}: there is no ${JSON.stringify(unknown)}: did you mean ${nearestName(unknown, known)}?`,
    );
}

function asObject(given: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new PolicyFault(`${where} must be an object`);
  return given as Record<string, unknown>;
}

/** One text or a list of them; numbers and truths may stand without quotes. */
function asTexts(given: unknown, where: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0) throw new PolicyFault(`${where} is an empty list`);
  return list.map((value) => {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
    throw new PolicyFault(`${where} must be a text or a list of texts`);
  });
}
