import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "@cloud-assistant/control-plane/store/sqlite/database";
import { dumpSchema, migrate, readMigrations } from "@cloud-assistant/control-plane/store/sqlite/migrate";
import { afterEach, beforeEach, expect, test } from "vitest";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "store-schema-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test("the committed schema is what the migrations make", () => {
  const db = openDatabase(dir);
  migrate(db, 1);
  const file = new URL("../../control-plane/src/store/sqlite/schema.sql", import.meta.url);
  expect(readFileSync(file, "utf8")).toBe(dumpSchema(db));
  db.close();
});

test("migrations are numbered from 1 without a hole, and are made once each", () => {
  const migrations = readMigrations();
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
  const db = openDatabase(dir);
  migrate(db, 1);
  migrate(db, 2);
  const next = { version: migrations.length + 1, name: "next", sql: "CREATE TABLE next (id INTEGER PRIMARY KEY)" };
  migrate(db, 3, [...migrations, next]);
  expect(db.prepare("SELECT version, applied_ms FROM schema_versions ORDER BY version").raw().all()).toEqual([
    ...migrations.map(({ version }) => [version, 1]),
    [next.version, 3],
  ]);
  db.close();
});

test("a migration that fails leaves the database as it was", () => {
  const db = openDatabase(dir);
  migrate(db, 1);
  const before = dumpSchema(db);
  const broken = {
    version: readMigrations().length + 1,
    name: "broken",
    sql: "CREATE TABLE half (id INTEGER); CREATE TABLE half (id INTEGER)",
  };
  expect(() => migrate(db, 2, [...readMigrations(), broken])).toThrow("already exists");
  expect(dumpSchema(db)).toBe(before);
  db.close();
});

test("a database of a newer version is refused", () => {
  const db = openDatabase(dir);
  migrate(db, 1);
  db.prepare("INSERT INTO schema_versions VALUES (999, 'later', 2)").run();
  expect(() => migrate(db, 3)).toThrow("the database has schema version 999");
  db.close();
});
