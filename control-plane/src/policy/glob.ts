/**
 * Whether all of `text` fits `pattern`, in which `*` stands for any characters and `?` for one. Goes back at most to the
 * last `*`, so a pattern somebody thought up costs pattern × text at worst.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  if (pattern === "*") return true;
  let at = 0;
  let star = -1;
  let starAt = 0;
  let index = 0;
  while (index < text.length) {
    // the star first: a text may hold a `*` itself
    if (pattern[at] === "*") [star, starAt, at] = [at, index, at + 1];
    else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === text[index]))
      [at, index] = [at + 1, index + 1];
    else if (star >= 0) [at, starAt, index] = [star + 1, starAt + 1, starAt + 1];
    else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}

const RESOURCE_PARTS = 5;

/** `acs:SERVICE:REGION:ACCOUNT:RELATIVE` in its five parts; the last one may hold colons. Undefined for anything else. */
export function splitResource(name: string): readonly string[] | undefined {
  const parts = name.split(":");
  if (parts.length < RESOURCE_PARTS || parts[0] !== "acs") return undefined;
  return [...parts.slice(0, RESOURCE_PARTS - 1), parts.slice(RESOURCE_PARTS - 1).join(":")];
}

/** Part by part, so that no wildcard reaches over a colon into the next one. A lone `*` is every resource. */
export function matchesResource(pattern: string, resource: string): boolean {
  if (pattern === "*") return true;
  const [wanted, given] = [splitResource(pattern), splitResource(resource)];
  return (
    wanted !== undefined && given !== undefined && wanted.every((part, index) => matchesGlob(part, given[index] ?? ""))
  );
}

/** Letter case does not count in names of actions. */
export function matchesAction(pattern: string, action: string): boolean {
  return matchesGlob(pattern.toLowerCase(), action.toLowerCase());
}
