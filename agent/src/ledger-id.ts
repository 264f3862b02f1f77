import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "./atomic-file.ts";

/**
 * Random, made with the ledger: tells a host whose memory of runs is whole from one whose disk was wiped, rolled back or
 * damaged. What the control plane sent to another ledger it does not send again.
 * @param isIncomplete the ledger has lost something: it is another one from now on.
 */
export function ledgerIdOf(stateDir: string, isIncomplete: boolean): string {
  const file = join(stateDir, "ledger-id");
  if (isIncomplete || !existsSync(file)) replaceFile(file, randomBytes(16).toString("hex"), { sync: true });
  return readFileSync(file, "utf8");
}
