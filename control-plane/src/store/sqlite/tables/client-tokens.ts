import type { ClientToken, ClientTokenStore, KeptAnswer } from "../../store.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";

type Row = { parameters_hash: string; created_ms: number; sealed_answer: Buffer };

export type ClientTokenRows = {
  find: (token: ClientToken) => KeptAnswer | undefined;
  insert: (kept: KeptAnswer) => void;
};

export function createClientTokenRows(db: Db): ClientTokenRows {
  const select = db.prepare<[string, string, string], Row>(
    "SELECT parameters_hash, created_ms, sealed_answer FROM client_tokens WHERE account_id = ? AND action = ? AND token = ?",
  );
  const insert = db.prepare("INSERT INTO client_tokens VALUES (?, ?, ?, ?, ?, ?)");
  return {
    find: ({ accountId, action, token }) => {
      const row = select.get(accountId, action, token);
      return (
        row && {
          accountId,
          action,
          token,
          parametersHash: row.parameters_hash,
          createdMs: row.created_ms,
          sealedAnswer: row.sealed_answer,
        }
      );
    },
    insert: ({ accountId, action, token, parametersHash, createdMs, sealedAnswer }) =>
      void insert.run(accountId, action, token, parametersHash, createdMs, sealedAnswer),
  };
}

export function createClientTokens(db: Db, { write }: Writer, rows: ClientTokenRows): ClientTokenStore {
  const deleteOld = db.prepare<[number, number]>(
    `DELETE FROM client_tokens WHERE (account_id, action, token) IN
      (SELECT account_id, action, token FROM client_tokens WHERE created_ms < ? ORDER BY created_ms LIMIT ?)`,
  );
  return {
    find: async (token) => rows.find(token),
    deleteOlderThan: (createdMs, limit) => write(() => deleteOld.run(createdMs, limit).changes),
  };
}
