/**
 * The first key that a JSON object's text has twice at its top level, which `JSON.parse` silently lets the last one win.
 * @param json valid JSON of an object
 */
export function findRepeatedKey(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  for (const [token, after] of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (after !== undefined && depth === 1) {
      const key = JSON.parse(token.slice(0, token.length - after.length)) as string;
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}
