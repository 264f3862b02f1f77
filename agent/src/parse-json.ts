/** Reads JSON from the other side or from disk; undefined when it is none (which no JSON text means). */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
