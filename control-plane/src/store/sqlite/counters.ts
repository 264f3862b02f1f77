import type { Statements } from "./statements.ts";

/** Totals that would need a scan, kept in the transactions that change them. */
export function addToCounter(sql: Statements, name: string, by: number): void {
  sql.run("INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value", name, by);
}

export function counter(sql: Statements, name: string): number {
  return sql.row<{ value: number }>("SELECT value FROM counters WHERE name = ?", name)?.value ?? 0;
}
