import type { AttachedPolicy, PolicyStore, PolicyType, StoredPolicy } from "../../identity.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";

type Row = {
  account_id: string;
  policy_name: string;
  description: string;
  document: string;
  created_ms: number;
  updated_ms: number;
};
type AttachedRow = { policy_type: PolicyType; policy_name: string; attached_ms: number; document: string | null };

export function createPolicies(db: Db, { mutate }: Writer): PolicyStore {
  const upsert = db.prepare<[string, string, string, string, number, number]>(
    `INSERT INTO policies VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
      description = excluded.description, document = excluded.document, updated_ms = excluded.updated_ms`,
  );
  const select = db.prepare<[string, string], Row>("SELECT * FROM policies WHERE account_id = ? AND policy_name = ?");
  const selectAll = db.prepare<[string], Row>("SELECT * FROM policies WHERE account_id = ? ORDER BY policy_name");
  const count = db.prepare<[string], number>("SELECT count(*) FROM policies WHERE account_id = ?").pluck();
  const remove = db.prepare<[string, string]>("DELETE FROM policies WHERE account_id = ? AND policy_name = ?");
  const countUsers = db
    .prepare<[string, string], number>(
      "SELECT count(*) FROM policy_attachments WHERE account_id = ? AND policy_type = 'Custom' AND policy_name = ?",
    )
    .pluck();
  const attach = db.prepare<[string, PolicyType, string, string, number]>(
    "INSERT INTO policy_attachments VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const countOf = db.prepare<[string], number>("SELECT count(*) FROM policy_attachments WHERE user_id = ?").pluck();
  const detach = db.prepare<[string, PolicyType, string]>(
    "DELETE FROM policy_attachments WHERE user_id = ? AND policy_type = ? AND policy_name = ?",
  );
  const selectOf = db.prepare<[string], AttachedRow>(
    `SELECT a.policy_type, a.policy_name, a.attached_ms, p.document FROM policy_attachments AS a
      LEFT JOIN policies AS p ON a.policy_type = 'Custom' AND p.account_id = a.account_id AND p.policy_name = a.policy_name
      WHERE a.user_id = ? ORDER BY a.policy_type, a.policy_name`,
  );
  return {
    put: ({ accountId, policyName, description, document, createdMs, updatedMs }, limit, request) =>
      mutate(request, () => {
        const exists = select.get(accountId, policyName) !== undefined;
        if (!exists && (count.get(accountId) ?? 0) >= limit) return "tooMany";
        upsert.run(accountId, policyName, description, document, createdMs, updatedMs);
        return exists ? "replaced" : "created";
      }),
    find: async (accountId, policyName) => {
      const row = select.get(accountId, policyName);
      return row && toPolicy(row);
    },
    list: async (accountId) => selectAll.all(accountId).map(toPolicy),
    remove: (accountId, policyName, request) =>
      mutate(request, () => {
        if (countUsers.get(accountId, policyName)) return "attached";
        return remove.run(accountId, policyName).changes === 1 ? "removed" : "unknown";
      }),
    attach: ({ accountId, userId }, { type, name }, atMs, limit, request) =>
      mutate(request, () => {
        if (type === "Custom" && !select.get(accountId, name)) return "unknown";
        if ((countOf.get(userId) ?? 0) >= limit) return "tooMany";
        return attach.run(userId, type, name, accountId, atMs).changes === 1 ? "attached" : "already";
      }),
    detach: ({ userId }, { type, name }, request) =>
      mutate(request, () => detach.run(userId, type, name).changes === 1),
    listOf: async (userId) => selectOf.all(userId).map(toAttached),
  };
}

function toPolicy(row: Row): StoredPolicy {
  return {
    accountId: row.account_id,
    policyName: row.policy_name,
    description: row.description,
    document: row.document,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
  };
}

function toAttached(row: AttachedRow): AttachedPolicy {
  return {
    type: row.policy_type,
    name: row.policy_name,
    ...(row.document !== null && { document: row.document }),
    attachedMs: row.attached_ms,
  };
}
