import type { Page, Paged, Scope } from "../../store.ts";
import type { Db } from "../database.ts";

export type Value = string | number;
export type Condition = { readonly sql: string; readonly values: readonly Value[] };

/** `column = value` for each value that is asked for. */
export function equals(wanted: Readonly<Record<string, Value | undefined>>): Condition[] {
  return Object.entries(wanted).flatMap(([column, value]) =>
    value === undefined ? [] : [{ sql: `${column} = ?`, values: [value] }],
  );
}

/**
 * Of this account in this region.
 * @param alone nothing else is asked for, so an index on both may serve. Otherwise `+` hides the columns from the planner, which
 * would take two that fit half the table for better than one that fits a row.
 */
export function inScope(alias: string, { accountId, regionId }: Scope, alone: boolean): Condition[] {
  const hidden = alone ? "" : "+";
  return equals({ [`${hidden}${alias}.account_id`]: accountId, [`${hidden}${alias}.region_id`]: regionId });
}

/** One placeholder however many there are, so that the statement stays the same. */
export function isOneOf(column: string, values: readonly string[]): Condition {
  return { sql: `${column} IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(values)] };
}

/** @param groups undefined: any; an empty text among them stands for the default group */
export function inGroups(column: string, groups: readonly string[] | undefined): Condition[] {
  if (groups === undefined) return [];
  const { sql, values } = isOneOf(column, groups);
  // the second half lets an index serve that leaves the default group out
  return [{ sql: groups.includes("") ? sql : `${sql} AND ${column} <> ''`, values }];
}

export function isNoneOf(column: string, values: readonly string[]): Condition {
  return { sql: `${column} NOT IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(values)] };
}

/** Whether no more than account and region is asked for: then a maintained counter knows the total. */
export function isUnfiltered({ tags, ...wanted }: Scope & { readonly tags: readonly unknown[] }): boolean {
  return tags.length === 0 && Object.entries(wanted).every(([name, value]) => isScope(name) || value === undefined);
}

function isScope(name: string): boolean {
  return name === "accountId" || name === "regionId";
}

/** `*` stands for any characters, everything else for itself. */
export function matches(column: string, pattern: string): Condition {
  return { sql: `${column} GLOB ?`, values: [pattern.replaceAll(/[[?]/g, "[$&]")] };
}

/** `*` at either end stands for any characters; everything else, a `*` inside too, for itself. */
export function matchesEnds(column: string, pattern: string): Condition {
  const [, before = "", text = "", after = ""] = /^(\*?)(.*?)(\*?)$/s.exec(pattern) ?? [];
  if (before === "" && after === "") return { sql: `${column} = ?`, values: [text] };
  return { sql: `${column} GLOB ?`, values: [`${before}${text.replaceAll(/[[?*]/g, "[$&]")}${after}`] };
}

export function contains(column: string, part: string): Condition {
  return { sql: `instr(${column}, ?) > 0`, values: [part] };
}

export function startsWith(column: string, prefix: string): Condition {
  return { sql: `${column} GLOB ?`, values: [`${prefix.replaceAll(/[[?*]/g, "[$&]")}*`] };
}

export type Listing<Row, T> = {
  /** Without the keyword. */
  readonly select: string;
  readonly from: string;
  /** Columns of positions, the first counts most: together they are one row's alone. */
  readonly order: readonly string[];
  readonly conditions: readonly Condition[];
  /** Where counting has a shorter way. */
  readonly countFrom?: string;
  readonly page: Page;
  /** Where it is known without counting. */
  readonly total?: number | undefined;
  readonly toRow: (row: Row) => T;
};

/** Newest first; after a position, or for the old scheme by offset. Statements are compiled once for each set of filters. */
export function createLister(db: Db) {
  const compiled = new Map<string, ReturnType<Db["prepare"]>>();
  const prepare = (sql: string) => {
    const statement = compiled.get(sql) ?? db.prepare(sql);
    compiled.set(sql, statement);
    return statement;
  };
  const count = (from: string, conditions: readonly Condition[]): number =>
    (
      prepare(`SELECT count(*) AS total FROM ${from}${where(conditions)}`).get(...valuesOf(conditions)) as {
        total: number;
      }
    ).total;
  return <Row extends object, T>({
    select,
    from,
    order,
    conditions,
    countFrom = from,
    page,
    total,
    toRow,
  }: Listing<Row, T>): Paged<T> => {
    const counted = total ?? count(countFrom, conditions);
    const offset = page.offset ?? 0;
    if (offset >= counted && offset > 0) return { rows: [], total: counted };
    const all = [...conditions, ...(page.after === undefined ? [] : [isAfter(order, page.after)])];
    const positions = order.map((column, index) => `${column} AS position_${index}`);
    const rows = prepare(
      `SELECT ${[select, ...positions].join(", ")} FROM ${from}${where(all)} ORDER BY ${order.map((column) => `${column} DESC`).join(", ")} LIMIT ? OFFSET ?`,
    ).all(
      ...valuesOf(all),
      page.limit + 1, // the one more tells whether there is a next page
      offset,
    ) as (Row & Record<string, number>)[];
    const shown = rows.slice(0, page.limit);
    const last = shown.at(-1);
    return {
      rows: shown.map(toRow),
      total: counted,
      ...(rows.length > page.limit && last && { next: order.map((_, index) => last[`position_${index}`]).join(".") }),
    };
  };
}

/** Behind the row at a position, as `next` spells it. The first column alone bounds the walk along its index. */
function isAfter([first = "", second]: readonly string[], position: string): Condition {
  const [of = 0, within = 0] = position.split(".").map(Number);
  if (second === undefined) return { sql: `${first} < ?`, values: [of] };
  return { sql: `${first} <= ? AND (${first} < ? OR ${second} < ?)`, values: [of, of, within] };
}
export type Lister = ReturnType<typeof createLister>;

export function where(conditions: readonly Condition[]): string {
  return conditions.length === 0 ? "" : ` WHERE ${conditions.map(({ sql }) => `(${sql})`).join(" AND ")}`;
}

export function valuesOf(conditions: readonly Condition[]): Value[] {
  return conditions.flatMap(({ values }) => [...values]);
}
