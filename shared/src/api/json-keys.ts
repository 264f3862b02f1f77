/**
 * The first key that an object in a JSON text has twice, which `JSON.parse` silently lets the last one win.
 * @param json valid JSON
 * @param maxDepth how deep to look; 1 is the outermost object alone
 */
export function findRepeatedKey(json: string, maxDepth = 1): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, after] of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (after !== undefined && open.length <= maxDepth) {
      const key = JSON.parse(token.slice(0, token.length - after.length)) as string;
      const seen = open.at(-1);
      if (seen?.has(key)) return key;
      seen?.add(key);
    }
  }
  return undefined;
}
