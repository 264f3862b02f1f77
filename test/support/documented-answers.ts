import { readFileSync } from "node:fs";

/** Of an action's answer: what each field is, as the documentation has it. From `api.json`, made by hand once. */
type Documented = readonly (readonly [path: string, type: string, words?: readonly string[]])[];
const DOCUMENTED = JSON.parse(
  readFileSync(new URL("../fixtures/api/documented-answers.json", import.meta.url), "utf8"),
) as Record<string, Documented>;

type Field = { readonly fields: Map<string, Field>; type?: string; words?: readonly string[] };
type Json = Readonly<Record<string, unknown>>;

/** UTC, to the second, or as instances have it to the minute. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z$/;

/** Actions whose answer is documented. */
export function documentedAnswers(): string[] {
  return Object.keys(DOCUMENTED);
}

/**
 * Where an answer is not what its action documents, both ways: a field that is missing, one that nobody documented, another
 * type, a word that is none of its words.
 * @param leftOut documented fields that this system has no use for
 */
export function findDifferences(
  action: string,
  answer: Json,
  leftOut: (path: string) => boolean = () => false,
): string[] {
  const documented = DOCUMENTED[action];
  return documented ? [...compareFields(toField(documented), answer, "", leftOut)] : [`${action} is not documented`];
}

/** `A.B[].C` → A, B, its items, C. */
function toField(documented: Documented): Field {
  const root: Field = { fields: new Map() };
  for (const [path, type, words] of documented) {
    let field = root;
    for (const name of path.split(".")) {
      const known: Field = field.fields.get(name) ?? { fields: new Map() };
      field.fields.set(name, known);
      field = known;
    }
    Object.assign(field, { type, words });
  }
  return root;
}

function* compareFields(
  documented: Field,
  value: Json,
  path: string,
  leftOut: (path: string) => boolean,
): Generator<string> {
  const names = new Set([...documented.fields.keys()].map((name) => name.replace("[]", "")));
  for (const name of Object.keys(value))
    if (!names.has(name) && value[name] !== undefined) yield `${path}${name} is not documented`;
  for (const [name, field] of documented.fields) {
    const at = `${path}${name}`;
    const given = value[name.replace("[]", "")];
    if (given === undefined || given === null) {
      if (!leftOut(at)) yield `${at} is missing`;
    } else if (name.endsWith("[]")) {
      yield* compareList(field, given, at, leftOut);
    } else {
      yield* compareValue(field, given, at, leftOut);
    }
  }
}

function* compareList(field: Field, given: unknown, at: string, leftOut: (path: string) => boolean): Generator<string> {
  if (!Array.isArray(given)) return void (yield `${at} is no list but ${typeof given}`);
  const item = { ...field, type: field.type?.replace(/^array<(.*)>$/, "$1") ?? "" };
  for (const value of given) yield* compareValue(item, value, at, leftOut);
}

function* compareValue(
  { fields, type, words }: Field,
  given: unknown,
  at: string,
  leftOut: (path: string) => boolean,
): Generator<string> {
  const is = Array.isArray(given) ? "array" : typeof given;
  if (is !== type) yield `${at} is ${is}, not ${type}`;
  else if (is === "object") yield* compareFields({ fields }, given as Json, `${at}.`, leftOut);
  // an empty text says that there is nothing to tell
  else if (given !== "" && words && !words.includes(String(given)))
    yield `${at} is ${String(given)}, none of ${words.join(", ")}`;
  else if (given !== "" && at.endsWith("Time") && !TIME.test(String(given))) yield `${at} is no time: ${String(given)}`;
}
