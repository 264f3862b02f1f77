import type { Settings } from "../../../domain/settings.ts";
import type { SettingsStore } from "../../settings.ts";
import type { Scope } from "../../store.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";

export function createSettings(db: Db, { mutate }: Writer): SettingsStore {
  const select = db
    .prepare<[string, string], string>("SELECT value FROM settings WHERE account_id = ? AND region_id = ?")
    .pluck();
  const upsert = db.prepare<[string, string, string]>(
    "INSERT INTO settings VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
  );
  // written by `change` alone
  const find = ({ accountId, regionId }: Scope): Settings =>
    JSON.parse(select.get(accountId, regionId) ?? "{}") as Settings;
  return {
    find: async (scope) => find(scope),
    change: (scope, change, request) =>
      mutate(
        request,
        () => void upsert.run(scope.accountId, scope.regionId, JSON.stringify(change(find(scope)))),
        () => void change(find(scope)),
      ),
  };
}
