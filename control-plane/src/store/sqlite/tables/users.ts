import type { User, UserStore } from "../../identity.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";

type Row = {
  user_id: string;
  account_id: string;
  user_name: string;
  display_name: string;
  comments: string;
  created_ms: number;
};

export function createUsers(db: Db, { mutate }: Writer): UserStore {
  const insert = db.prepare<[string, string, string, string, string, number]>(
    "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)",
  );
  const select = db.prepare<[string, string], Row>("SELECT * FROM users WHERE account_id = ? AND user_name = ?");
  const selectAll = db.prepare<[string], Row>("SELECT * FROM users WHERE account_id = ? ORDER BY user_name");
  const count = db.prepare<[string], number>("SELECT count(*) FROM users WHERE account_id = ?").pluck();
  const countKeys = db.prepare<[string], number>("SELECT count(*) FROM access_keys WHERE user_id = ?").pluck();
  const countPolicies = db
    .prepare<[string], number>("SELECT count(*) FROM policy_attachments WHERE user_id = ?")
    .pluck();
  const deleteTemporaryKeys = db.prepare<[string]>("DELETE FROM temporary_keys WHERE user_id = ?");
  const deleteUser = db.prepare<[string]>("DELETE FROM users WHERE user_id = ?");
  return {
    create: (user, limit, request) =>
      mutate(request, () => {
        if (select.get(user.accountId, user.userName)) return "exists";
        if ((count.get(user.accountId) ?? 0) >= limit) return "tooMany";
        insert.run(user.userId, user.accountId, user.userName, user.displayName, user.comments, user.createdMs);
        return "created";
      }),
    find: async (accountId, userName) => {
      const row = select.get(accountId, userName);
      return row && toUser(row);
    },
    list: async (accountId) => selectAll.all(accountId).map(toUser),
    remove: (accountId, userName, request) =>
      mutate(request, () => {
        const row = select.get(accountId, userName);
        if (!row) return "unknown";
        if (countKeys.get(row.user_id)) return "hasKeys";
        if (countPolicies.get(row.user_id)) return "hasPolicies";
        deleteTemporaryKeys.run(row.user_id);
        deleteUser.run(row.user_id);
        return "removed";
      }),
  };
}

function toUser(row: Row): User {
  return {
    userId: row.user_id,
    accountId: row.account_id,
    userName: row.user_name,
    displayName: row.display_name,
    comments: row.comments,
    createdMs: row.created_ms,
  };
}
