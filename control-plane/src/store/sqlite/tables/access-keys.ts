import type { AccessKey, AccessKeyStore } from "../../store.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";

type Row = { access_key_id: string; account_id: string; sealed_secret: Buffer; enabled: number; created_ms: number };

export function createAccessKeys(db: Db, { write }: Writer): AccessKeyStore {
  const insert = db.prepare("INSERT INTO access_keys VALUES (?, ?, ?, ?, ?)");
  const select = db.prepare<[string], Row>("SELECT * FROM access_keys WHERE access_key_id = ?");
  return {
    insert: (key) =>
      write(
        () => void insert.run(key.accessKeyId, key.accountId, key.sealedSecret, Number(key.enabled), key.createdMs),
        () => {
          if (select.get(key.accessKeyId)) throw new Error(`access key ${key.accessKeyId} exists already`);
        },
      ),
    find: async (accessKeyId) => {
      const row = select.get(accessKeyId);
      return row && toAccessKey(row);
    },
  };
}

function toAccessKey(row: Row): AccessKey {
  return {
    accessKeyId: row.access_key_id,
    accountId: row.account_id,
    sealedSecret: row.sealed_secret,
    enabled: row.enabled === 1,
    createdMs: row.created_ms,
  };
}
