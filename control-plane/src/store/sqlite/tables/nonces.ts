import type { NonceStore, RequestNonce } from "../../store.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";

export type NonceRows = { isUsed: (request: RequestNonce) => boolean; insert: (request: RequestNonce) => void };

export function createNonceRows(db: Db): NonceRows {
  const select = db
    .prepare<[string, string], number>("SELECT 1 FROM nonces WHERE access_key_id = ? AND nonce = ?")
    .pluck();
  const insert = db.prepare<[string, string, number]>("INSERT INTO nonces VALUES (?, ?, ?)");
  return {
    isUsed: ({ accessKeyId, nonce }) => select.get(accessKeyId, nonce) !== undefined,
    insert: ({ accessKeyId, nonce, expiresMs }) => void insert.run(accessKeyId, nonce, expiresMs),
  };
}

export function createNonces(db: Db, { write }: Writer): NonceStore {
  const listUnexpired = db.prepare<[number], RequestNonce>(
    "SELECT access_key_id AS accessKeyId, nonce, expires_ms AS expiresMs FROM nonces WHERE expires_ms > ?",
  );
  const deleteExpired = db.prepare<[number]>("DELETE FROM nonces WHERE expires_ms <= ?");
  return {
    listUnexpired: async (atMs) => listUnexpired.all(atMs),
    deleteExpired: (atMs) => write(() => deleteExpired.run(atMs).changes),
  };
}
