import { readdirSync, readFileSync } from "node:fs";
import type { Db } from "./database.ts";

const DIRECTORY = new URL("./migrations/", import.meta.url);

export type Migration = { readonly version: number; readonly name: string; readonly sql: string };

/** Numbered from 1 without a hole; append-only: what was released is never edited. */
export function readMigrations(): Migration[] {
  return readdirSync(DIRECTORY)
    .filter((file) => file.endsWith(".sql"))
    .toSorted()
    .map((file) => ({
      version: Number(file.slice(0, 4)),
      name: file.slice(5, -4),
      sql: readFileSync(new URL(file, DIRECTORY), "utf8"),
    }));
}

/** @throws {Error} when the database was written by a newer version than this one. */
export function migrate(db: Db, atMs: number, migrations: readonly Migration[] = readMigrations()): void {
  db.exec(
    "CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_ms INTEGER NOT NULL) STRICT",
  );
  const { version: reached } = db.prepare("SELECT coalesce(max(version), 0) AS version FROM schema_versions").get() as {
    version: number;
  };
  const newest = migrations.at(-1)?.version ?? 0;
  if (reached > newest)
    throw new Error(`the database has schema version ${reached}, this version knows ${newest}: start a newer one`);
  for (const { version, name, sql } of migrations.slice(reached)) {
    db.transaction(() => {
      // the version first: a second migrator fails here, before it can do anything twice
      db.prepare("INSERT INTO schema_versions VALUES (?, ?, ?)").run(version, name, atMs);
      db.exec(sql);
    }).immediate();
  }
}

/** What the committed `schema.sql` must equal. */
export function dumpSchema(db: Db): string {
  const statements = db
    .prepare(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name",
    )
    .pluck()
    .all() as string[];
  return statements.map((sql) => `${sql};\n`).join("\n");
}
