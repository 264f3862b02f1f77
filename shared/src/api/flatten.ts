import { ApiError } from "../errors.ts";

/** What flat parameters stand for: texts, lists and objects of them. */
export type Nested = string | Nested[] | { readonly [name: string]: Nested };

type Branch = Map<string | number, Branch | string>;

/** `Filter.1.Values.1` is the deepest the API has. */
const MAX_DEPTH = 4;
const INDEX = /^[1-9]\d{0,8}$/;

/** Upper-cases the first letter: pop-core sends every name so, while the API has a few that begin lower (wire-facts 3). */
export function foldName(name: string): string {
  const first = name.charCodeAt(0);
  return first >= 97 && first <= 122 ? name[0]?.toUpperCase() + name.slice(1) : name;
}

/**
 * `InstanceId.1=a&Tag.2.Key=k` → `{ InstanceId: ["a"], Tag: [{ Key: "k" }] }`: indexes count from 1, gaps close up
 * (SDKs keep the index of an element they skip).
 * @throws {ApiError} `InvalidParameter.Duplicate` when two parameters name the same place.
 */
export function nestParameters(parameters: Iterable<readonly [string, string]>): Record<string, Nested> {
  const root: Branch = new Map();
  for (const [name, value] of parameters) {
    if (name.includes(".")) place(root, name, value);
    else put(root, foldName(name), value, name);
  }
  return toObject(root);
}

function place(root: Branch, name: string, value: string): void {
  const keys = name.split(".").map((part) => (INDEX.test(part) ? Number(part) : foldName(part)));
  if (keys.length > MAX_DEPTH || typeof keys[0] !== "string" || keys.includes("")) return; // unknown, so ignored
  let branch = root;
  for (const key of keys.slice(0, -1)) {
    const next = branch.get(key) ?? new Map();
    if (typeof next === "string") throw new ApiError("InvalidParameter.Duplicate", { values: [name] });
    branch.set(key, next);
    branch = next;
  }
  put(branch, keys.at(-1) as string | number, value, name);
}

function put(branch: Branch, key: string | number, value: string, name: string): void {
  if (branch.has(key)) throw new ApiError("InvalidParameter.Duplicate", { values: [name] });
  branch.set(key, value);
}

function toObject(branch: Branch): Record<string, Nested> {
  const object: Record<string, Nested> = Object.create(null) as Record<string, Nested>;
  for (const [key, value] of branch) object[key] = toNested(value);
  return object;
}

function toNested(value: Branch | string): Nested {
  if (typeof value === "string") return value;
  const entries = [...value];
  if (!entries.every(([key]) => typeof key === "number")) return toObject(value);
  return entries.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, element]) => toNested(element));
}
