import { join } from "node:path";

/** Where the database of a data directory is. */
export function databasePath(dir: string): string {
  return join(dir, "control-plane.db");
}
