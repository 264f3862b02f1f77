import { ApiError } from "@cloud-assistant/shared/errors";
import type { NonceStore, RequestNonce } from "../store.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Statements } from "./statements.ts";

export function nonceStore(sql: Statements, writes: GroupCommit): NonceStore {
  return {
    listUnexpired: async (atMs) =>
      sql.rows<RequestNonce>(
        "SELECT access_key_id AS accessKeyId, nonce, expires_ms AS expiresMs FROM nonces WHERE expires_ms > ?",
        atMs,
      ),
    deleteExpired: (atMs) => writes.commit(() => sql.run("DELETE FROM nonces WHERE expires_ms <= ?", atMs).changes),
  };
}

/**
 * Spends the request's nonce inside the transaction of its mutation.
 * @throws {ApiError} `SignatureNonceUsed` when it was spent before.
 */
export function useNonce(sql: Statements, { accessKeyId, nonce, expiresMs }: RequestNonce): void {
  const { changes } = sql.run("INSERT OR IGNORE INTO nonces VALUES (?, ?, ?)", accessKeyId, nonce, expiresMs);
  if (changes === 0) throw new ApiError("SignatureNonceUsed");
}
