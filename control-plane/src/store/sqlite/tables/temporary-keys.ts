import type { TemporaryKeyStore } from "../../identity.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";

type Row = {
  access_key_id: string;
  account_id: string;
  user_id: string | null;
  user_name: string | null;
  session_name: string;
  sealed_secret: Buffer;
  parent_key_id: string;
  policy: string | null;
  created_ms: number;
  expires_ms: number;
  enabled: number;
};

export function createTemporaryKeys(db: Db, { write, mutate }: Writer): TemporaryKeyStore {
  const insert = db.prepare("INSERT INTO temporary_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const select = db.prepare<[string], Row>(
    `SELECT t.*, u.user_name, coalesce(p.enabled, 0) AS enabled FROM temporary_keys AS t
      LEFT JOIN users AS u ON u.user_id = t.user_id
      LEFT JOIN access_keys AS p ON p.access_key_id = t.parent_key_id
      WHERE t.access_key_id = ?`,
  );
  const countLive = db
    .prepare<[string, number], number>("SELECT count(*) FROM temporary_keys WHERE parent_key_id = ? AND expires_ms > ?")
    .pluck();
  const deleteExpired = db.prepare<[number]>("DELETE FROM temporary_keys WHERE expires_ms <= ?");
  return {
    create: (key, limit, request) =>
      mutate(request, () => {
        if ((countLive.get(key.parentKeyId, key.createdMs) ?? 0) >= limit) return false;
        const { accessKeyId, accountId, user, sessionName, sealedSecret, parentKeyId, policy } = key;
        insert.run(
          accessKeyId,
          accountId,
          user?.userId ?? null,
          sessionName,
          sealedSecret,
          parentKeyId,
          policy ?? null,
          key.createdMs,
          key.expiresMs,
        );
        return true;
      }),
    find: async (accessKeyId) => {
      const row = select.get(accessKeyId);
      if (!row) return undefined;
      return {
        accessKeyId: row.access_key_id,
        accountId: row.account_id,
        ...(row.user_id !== null && { user: { userId: row.user_id, userName: row.user_name ?? "" } }),
        sessionName: row.session_name,
        sealedSecret: row.sealed_secret,
        parentKeyId: row.parent_key_id,
        ...(row.policy !== null && { policy: row.policy }),
        createdMs: row.created_ms,
        expiresMs: row.expires_ms,
        enabled: row.enabled === 1,
      };
    },
    deleteExpired: (atMs) => write(() => deleteExpired.run(atMs).changes),
  };
}
