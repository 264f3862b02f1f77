import type { Tag } from "../../store.ts";
import type { Db } from "../database.ts";
import type { Condition } from "./listing.ts";

export type TagOwner = "activation" | "instance" | "invocation" | "command" | "parameter";
export type TagRows = ReturnType<typeof createTagRows>;

export function createTagRows(db: Db) {
  // a host may name a key twice at its registration: the last one counts
  const insert = db.prepare<[TagOwner, number, string, string, number]>(
    "INSERT INTO tags VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
  );
  const select = db.prepare<[TagOwner, number], Tag>(
    "SELECT key, value FROM tags WHERE owner = ? AND owner_seq = ? ORDER BY position",
  );
  // behind those that are there
  const append = db.prepare<[TagOwner, number, string, string, TagOwner, number]>(
    `INSERT INTO tags SELECT ?, ?, ?, ?, coalesce(max(position), -1) + 1 FROM tags WHERE owner = ? AND owner_seq = ?
      ON CONFLICT DO UPDATE SET value = excluded.value`,
  );
  const remove = db.prepare<[TagOwner, number, string]>(
    "DELETE FROM tags WHERE owner = ? AND owner_seq = ? AND key = ?",
  );
  const removeAll = db.prepare<[TagOwner, number]>("DELETE FROM tags WHERE owner = ? AND owner_seq = ?");
  return {
    insert: (owner: TagOwner, seq: number, tags: readonly Tag[]): void => {
      for (const [position, { key, value }] of tags.entries()) insert.run(owner, seq, key, value, position);
    },
    append: (owner: TagOwner, seq: number, tags: readonly Tag[]): void => {
      for (const { key, value } of tags) append.run(owner, seq, key, value, owner, seq);
    },
    remove: (owner: TagOwner, seq: number, key: string): void => void remove.run(owner, seq, key),
    listOf: (owner: TagOwner, seq: number): Tag[] => select.all(owner, seq),
    removeAll: (owner: TagOwner, seq: number): void => void removeAll.run(owner, seq),
  };
}

/** All of the tags, each with its value. */
export function haveTags(owner: TagOwner, seqColumn: string, tags: readonly Tag[]): Condition[] {
  return tags.map(({ key, value }) => ({
    sql: `${seqColumn} IN (SELECT owner_seq FROM tags WHERE owner = '${owner}' AND key = ? AND value = ?)`,
    values: [key, value],
  }));
}
