import type { Page, Paged } from "../store.ts";
import type { Row, Statements } from "./statements.ts";

/** Conditions joined by AND, with their values. */
export class Where {
  readonly #conditions: string[] = [];
  readonly values: unknown[] = [];

  add(condition: string, ...values: unknown[]): this {
    this.#conditions.push(condition);
    this.values.push(...values);
    return this;
  }

  /** Adds `column = value` unless the value is undefined. */
  equals(column: string, value: string | number | undefined): this {
    return value === undefined ? this : this.add(`${column} = ?`, value);
  }

  in(column: string, values: readonly (string | number)[] | undefined, not = false): this {
    if (values === undefined) return this;
    return this.add(`${column} ${not ? "NOT IN" : "IN"} (SELECT value FROM json_each(?))`, JSON.stringify(values));
  }

  /** Every tag must be there. */
  tagged(resourceType: string, idColumn: string, tags: readonly { key: string; value: string }[]): this {
    for (const { key, value } of tags) {
      this.add(
        `${idColumn} IN (SELECT resource_id FROM tags WHERE resource_type = ? AND key = ? AND value = ?)`,
        resourceType,
        key,
        value,
      );
    }
    return this;
  }

  get text(): string {
    return this.#conditions.length > 0 ? this.#conditions.join(" AND ") : "1";
  }

  /** Whether only `baseline` conditions are there, so that a maintained counter knows the total. */
  isOnly(baseline: number): boolean {
    return this.#conditions.length <= baseline;
  }
}

export type ListQuery<T> = {
  readonly columns: string;
  /** E.g. `activations a`. */
  readonly from: string;
  /** The row's position, e.g. `a.seq`. */
  readonly seq: string;
  readonly where: Where;
  readonly toRow: (row: Row) => T;
  /** The total when it is known without counting. */
  readonly total?: number;
};

/** A page, newest first, by keyset (`after`) or, for the old scheme, by offset. */
export function listPage<T>(sql: Statements, query: ListQuery<T>, page: Page): Paged<T> {
  const { columns, from, seq, where, toRow } = query;
  const total = query.total ?? Number(sql.row<{ n: number }>(`SELECT count(*) AS n FROM ${from} WHERE ${where.text}`, ...where.values)?.n);
  const keyset = page.after === undefined ? "" : ` AND ${seq} < ?`;
  const rows = sql.rows(
    `SELECT ${seq} AS page_seq, ${columns} FROM ${from} WHERE ${where.text}${keyset} ORDER BY ${seq} DESC LIMIT ? OFFSET ?`,
    ...where.values,
    ...(page.after === undefined ? [] : [page.after]),
    page.limit + 1,
    page.offset ?? 0,
  );
  const kept = rows.slice(0, page.limit);
  const last = kept.at(-1);
  return {
    rows: kept.map(toRow),
    total,
    ...(rows.length > page.limit && last ? { next: Number(last["page_seq"]) } : {}),
  };
}
