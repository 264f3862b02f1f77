import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "./atomic-file.ts";

/** Random, made with the ledger: tells a host whose disk was wiped or rolled back from one that merely restarted. */
export function ledgerIdOf(stateDir: string): string {
  const file = join(stateDir, "ledger-id");
  if (!existsSync(file)) replaceFile(file, randomBytes(16).toString("hex"), { sync: true });
  return readFileSync(file, "utf8");
}
