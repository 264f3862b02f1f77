import type { AccessKey, AccessKeyStore } from "../store.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Row, Statements } from "./statements.ts";

export function accessKeyStore(sql: Statements, writes: GroupCommit): AccessKeyStore {
  return {
    insert: ({ accessKeyId, accountId, sealedSecret, enabled, createdMs }) =>
      writes.commit(() => {
        sql.run("INSERT INTO access_keys VALUES (?, ?, ?, ?, ?)", accessKeyId, accountId, sealedSecret, Number(enabled), createdMs);
      }),
    find: async (accessKeyId) => {
      const row = sql.row("SELECT * FROM access_keys WHERE access_key_id = ?", accessKeyId);
      return row && toAccessKey(row);
    },
  };
}

function toAccessKey(row: Row): AccessKey {
  return {
    accessKeyId: String(row["access_key_id"]),
    accountId: String(row["account_id"]),
    sealedSecret: row["sealed_secret"] as Uint8Array,
    enabled: row["enabled"] === 1,
    createdMs: Number(row["created_ms"]),
  };
}
