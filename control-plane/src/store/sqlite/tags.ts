import type { Tag } from "../store.ts";
import type { Statements } from "./statements.ts";

export type TaggedType = "activation" | "instance" | "invocation";

/** The tags beside their resource are for reading; these rows are for filtering. */
export function insertTags(sql: Statements, type: TaggedType, id: string, tags: readonly Tag[]): void {
  for (const { key, value } of tags) sql.run("INSERT INTO tags VALUES (?, ?, ?, ?)", type, id, key, value);
}

