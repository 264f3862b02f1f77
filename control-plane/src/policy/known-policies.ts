import { parsePolicy, type Policy } from "./document.ts";

/** Documents kept parsed; beyond it the memory starts anew. */
const MAX_KNOWN = 1_000;
const known = new Map<string, Policy>();

/** A stored document, checked when it was put: the same text is parsed once. */
export function parseKnownPolicy(document: string): Policy {
  const before = known.get(document);
  if (before) return before;
  const policy = parsePolicy(document);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(document, policy);
  return policy;
}
