import type { Settings } from "../../../domain/settings.ts";
import type { SettingsStore } from "../../settings.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";

export function createSettings(db: Db, { mutate }: Writer): SettingsStore {
  const select = db.prepare<[string], string>("SELECT value FROM settings WHERE region_id = ?").pluck();
  const upsert = db.prepare<[string, string]>("INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
  // written by `change` alone
  const find = (regionId: string): Settings => JSON.parse(select.get(regionId) ?? "{}") as Settings;
  return {
    find: async (regionId) => find(regionId),
    change: (regionId, change, request) =>
      mutate(
        request,
        () => void upsert.run(regionId, JSON.stringify(change(find(regionId)))),
        () => void change(find(regionId)),
      ),
  };
}
