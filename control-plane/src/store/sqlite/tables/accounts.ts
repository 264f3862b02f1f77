import type { Account, AccountStore } from "../../identity.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";
import type { AccessKeyRows } from "./access-keys.ts";

type Row = { account_id: string; account_name: string; created_ms: number };

export function createAccounts(db: Db, { write, mutate }: Writer, keys: AccessKeyRows): AccountStore {
  const insert = db.prepare<[string, string, number]>("INSERT INTO accounts VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  const select = db.prepare<[string], Row>("SELECT * FROM accounts WHERE account_id = ?");
  const selectAll = db.prepare<[], Row>("SELECT * FROM accounts ORDER BY created_ms, account_id");
  const add = ({ accountId, accountName, createdMs }: Account): boolean =>
    insert.run(accountId, accountName, createdMs).changes === 1;
  return {
    create: (account, key, request) =>
      mutate(request, () => {
        if (!add(account)) return false;
        keys.insert(key);
        return true;
      }),
    ensure: (account) => write(() => void add(account)),
    find: async (accountId) => {
      const row = select.get(accountId);
      return row && toAccount(row);
    },
    list: async () => selectAll.all().map(toAccount),
  };
}

function toAccount(row: Row): Account {
  return { accountId: row.account_id, accountName: row.account_name, createdMs: row.created_ms };
}
