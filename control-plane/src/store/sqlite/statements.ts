import type { Database, Statement } from "better-sqlite3";

export type Row = Record<string, string | number | Uint8Array | null>;

/** Compiles each SQL text once. Filters build their text from a closed set of parts, so the cache stays small. */
export class Statements {
  readonly #db: Database;
  readonly #compiled = new Map<string, Statement>();

  constructor(db: Database) {
    this.#db = db;
  }

  run(sql: string, ...values: unknown[]): { changes: number; lastInsertRowid: number | bigint } {
    return this.#get(sql).run(...values);
  }

  row<T = Row>(sql: string, ...values: unknown[]): T | undefined {
    return this.#get(sql).get(...values) as T | undefined;
  }

  rows<T = Row>(sql: string, ...values: unknown[]): T[] {
    return this.#get(sql).all(...values) as T[];
  }

  #get(sql: string): Statement {
    let statement = this.#compiled.get(sql);
    if (!statement) this.#compiled.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}
