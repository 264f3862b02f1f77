import { nearestName } from "../nearest-name.ts";
import { FAMILIES, type Family } from "./operators.ts";

/** What a request here can say of itself, and what that can be compared as. */
const KEYS: Readonly<Record<string, readonly Family[]>> = {
  /** Address the request came from. */
  "acs:SourceIp": ["Ip"],
  /** When the request arrived, by our clock. */
  "acs:CurrentTime": ["Date"],
  /** User that a script would run as; the default where the request names none. */
  "ecs:CommandRunAs": ["String"],
};

/** Followed by a tag's key: tags of the resource (the first two are the same), and tags the request gives to what it makes. */
const TAG_PREFIXES = ["ecs:tag/", "acs:ResourceTag/", "acs:RequestTag/"] as const;

/**
 * What is wrong with comparing `key` by an operator of `family`. A key of ours that no request ever has is refused: a Deny that
 * hangs on it would silently deny nothing. Keys of other services are theirs to know.
 */
export function findKeyFault(key: string, family: Family): string | undefined {
  const service = /^([a-z][a-z0-9-]*):./.exec(key)?.[1];
  if (service === undefined)
    return `${JSON.stringify(key)} is not a condition key: it wants SERVICE:NAME, as in ecs:CommandRunAs`;
  if (service !== "acs" && service !== "ecs") return undefined;
  const families = familiesOf(key);
  if (families === undefined) {
    const known = [...Object.keys(KEYS), ...TAG_PREFIXES.map((prefix) => `${prefix}KEY`)];
    return `no request here has the condition key ${key}: did you mean ${nearestName(key, known)}?`;
  }
  return families.includes(family)
    ? undefined
    : `${key} cannot be compared by a ${family} operator, only by ${families.join(", ")}`;
}

function familiesOf(key: string): readonly Family[] | undefined {
  if (TAG_PREFIXES.some((prefix) => key.startsWith(prefix) && key.length > prefix.length)) return FAMILIES;
  return Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
}

export type TagPair = { readonly key: string; readonly value: string };

/** What a request says of itself, by condition key. */
export function toKeys(said: {
  readonly sourceIp: string;
  readonly atMs: number;
  readonly resourceTags: readonly TagPair[];
  readonly requestTags: readonly TagPair[];
  readonly runAs: string | undefined;
}): ReadonlyMap<string, string> {
  return new Map([
    ["acs:SourceIp", said.sourceIp],
    ["acs:CurrentTime", new Date(said.atMs).toISOString()],
    ...(said.runAs === undefined ? [] : [["ecs:CommandRunAs", said.runAs] as const]),
    ...said.resourceTags.flatMap(({ key, value }) => [
      [`ecs:tag/${key}`, value] as const,
      [`acs:ResourceTag/${key}`, value] as const,
    ]),
    ...said.requestTags.map(({ key, value }) => [`acs:RequestTag/${key}`, value] as const),
  ]);
}
