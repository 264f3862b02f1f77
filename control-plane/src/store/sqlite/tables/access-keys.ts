import type { AccessKey, AccessKeyStore, KeyChange, KeyOwner } from "../../identity.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";

type Row = {
  access_key_id: string;
  account_id: string;
  sealed_secret: Buffer;
  enabled: number;
  created_ms: number;
  user_id: string | null;
  user_name: string | null;
};

const SELECT = "SELECT k.*, u.user_name FROM access_keys AS k LEFT JOIN users AS u ON u.user_id = k.user_id WHERE";

export type AccessKeyRows = { insert: (key: AccessKey) => void };

export function createAccessKeyRows(db: Db): AccessKeyRows {
  const insert = db.prepare("INSERT INTO access_keys VALUES (?, ?, ?, ?, ?, ?)");
  return {
    insert: ({ accessKeyId, accountId, sealedSecret, enabled, createdMs, user }) =>
      void insert.run(accessKeyId, accountId, sealedSecret, Number(enabled), createdMs, user?.userId ?? null),
  };
}

export function createAccessKeys(db: Db, { write, mutate }: Writer, rows: AccessKeyRows): AccessKeyStore {
  const select = db.prepare<[string], Row>(`${SELECT} k.access_key_id = ?`);
  const selectOf = db.prepare<[string, string | null], Row>(
    `${SELECT} k.account_id = ? AND k.user_id IS ? ORDER BY k.created_ms, k.access_key_id`,
  );
  const update = db.prepare<[number, string]>("UPDATE access_keys SET enabled = ? WHERE access_key_id = ?");
  const remove = db.prepare<[string]>("DELETE FROM access_keys WHERE access_key_id = ?");

  const listOf = ({ accountId, userId }: KeyOwner): Row[] => selectOf.all(accountId, userId ?? null);
  /** @param takesAway whether the key is of no use afterwards */
  const change = (owner: KeyOwner, accessKeyId: string, takesAway: boolean, apply: () => void): KeyChange => {
    const keys = listOf(owner);
    if (!keys.some((key) => key.access_key_id === accessKeyId)) return "unknown";
    const others = keys.filter((key) => key.access_key_id !== accessKeyId && key.enabled === 1);
    if (takesAway && owner.userId === undefined && others.length === 0) return "last";
    apply();
    return "done";
  };

  return {
    insert: (key) =>
      write(
        () => rows.insert(key),
        () => {
          if (select.get(key.accessKeyId)) throw new Error(`access key ${key.accessKeyId} exists already`);
        },
      ),
    create: (key, limit, request) =>
      mutate(request, () => {
        if (listOf({ accountId: key.accountId, userId: key.user?.userId }).length >= limit) return false;
        rows.insert(key);
        return true;
      }),
    find: async (accessKeyId) => {
      const row = select.get(accessKeyId);
      return row && toAccessKey(row);
    },
    list: async (owner) => listOf(owner).map(toAccessKey),
    setEnabled: (owner, accessKeyId, enabled, request) =>
      mutate(request, () => change(owner, accessKeyId, !enabled, () => void update.run(Number(enabled), accessKeyId))),
    remove: (owner, accessKeyId, request) =>
      mutate(request, () => change(owner, accessKeyId, true, () => void remove.run(accessKeyId))),
  };
}

function toAccessKey(row: Row): AccessKey {
  return {
    accessKeyId: row.access_key_id,
    accountId: row.account_id,
    ...(row.user_id !== null && { user: { userId: row.user_id, userName: row.user_name ?? "" } }),
    sealedSecret: row.sealed_secret,
    enabled: row.enabled === 1,
    createdMs: row.created_ms,
  };
}
