import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, type Db } from "@cloud-assistant/control-plane/store/sqlite/database";
import { migrate } from "@cloud-assistant/control-plane/store/sqlite/migrate";
import { createLister } from "@cloud-assistant/control-plane/store/sqlite/tables/listing";
import { toRunWalk } from "@cloud-assistant/control-plane/store/sqlite/tables/run-walk";
import { toWalk } from "@cloud-assistant/control-plane/store/sqlite/tables/walk";
import type { InvocationFilter, RunFilter } from "@cloud-assistant/control-plane/store/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, REGION } from "../support/stores.ts";

let dir: string;
let db: Db;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "lists-"));
  db = openDatabase(dir);
  migrate(db, 1);
});
afterAll(() => {
  db.close();
  rmSync(dir, { recursive: true });
});

const SCOPE = { accountId: ACCOUNT, regionId: REGION, tags: [] };
const TAG = [{ key: "k", value: "v" }];
/** Each filter there is; an empty text is the default group's other spelling. */
const OF_INVOCATIONS: readonly Partial<InvocationFilter>[] = [
  { invokeId: "t-1" },
  { commandId: "c-1" },
  { commandName: "n" },
  { commandType: "RunShellScript" },
  { instanceId: "mi-1" },
  { invokeStatus: "Finished" },
  { invokeStatus: "Success" },
  { repeatMode: "Once" },
  { repeatMode: "Period" },
  { timed: true },
  { timed: false },
  { resourceGroupIds: ["rg-1"] },
  { resourceGroupIds: ["rg-default", ""] },
  { tags: TAG },
  { tags: [...TAG, { key: "l", value: "w" }] },
];
const OF_RUNS: readonly Partial<RunFilter>[] = [
  { invokeId: "t-1" },
  { invokeId: "t-1", history: true },
  { commandId: "c-1" },
  { instanceId: "mi-1" },
  { resourceGroupIds: ["rg-1"] },
  { resourceGroupIds: ["rg-default", ""] },
  { tags: TAG },
  { statuses: ["Timeout", "Invalid", "Aborted", "Error"] },
  { statuses: ["Cancelled", "Terminated"] },
  { statuses: ["Pending", "Scheduled", "Running"] },
  { statuses: ["Success", "Failed"] },
];

/** How SQLite goes about a page and its total. */
function plansOf(
  walk: Pick<Parameters<ReturnType<typeof createLister>>[0], "from" | "order" | "conditions" | "countFrom">,
): string[] {
  const plans: string[] = [];
  const explaining = {
    prepare: (sql: string) => {
      const explained = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
      return {
        all: (...values: unknown[]) => (plans.push(...explained.all(...values).map(({ detail }) => detail)), []),
        get: (...values: unknown[]) => (
          plans.push(...explained.all(...values).map(({ detail }) => detail)),
          { total: 1 }
        ),
      };
    },
  } as unknown as Db;
  const list = createLister(explaining);
  list({ select: "i.*", ...walk, page: { limit: 10 }, toRow: (row) => row });
  list({ select: "i.*", ...walk, page: { limit: 10, after: "5.5" }, toRow: (row) => row });
  return plans;
}

function pairsOf<T extends object>(filters: readonly T[]): (readonly [string, T])[] {
  const all = [
    {} as T,
    ...filters,
    ...filters.flatMap((one, at) => filters.slice(at + 1).map((other) => ({ ...one, ...other }))),
  ];
  return all.map((filter) => [JSON.stringify(filter), filter] as const);
}

/** A walk over a whole table or index. The values given with a request are none, nor is an index of the few that went wrong or go on. */
const isScan = (detail: string): boolean =>
  detail.startsWith("SCAN") && !/json_each|INDEX runs_(?:gone_wrong|stopped|open)$/.test(detail);

test.each(pairsOf(OF_INVOCATIONS))("no list of invocations scans a table: %s", (_name, filter) => {
  expect(plansOf(toWalk({ ...SCOPE, ...filter })).filter(isScan)).toEqual([]);
});

test.each(pairsOf(OF_RUNS))("no list of runs scans a table: %s", (_name, filter) => {
  expect(plansOf(toRunWalk({ ...SCOPE, ...filter })).filter(isScan)).toEqual([]);
});

const isSort = (detail: string): boolean => detail.includes("TEMP B-TREE FOR ORDER BY");
/** Few have it at a time: schedules that go on, hosts at work. */
const isFew = (filter: Partial<InvocationFilter & RunFilter>): boolean =>
  filter.timed === true || filter.statuses?.includes("Running") === true;

test.each([{}, ...OF_INVOCATIONS].map((filter) => [JSON.stringify(filter), filter] as const))(
  "a page of invocations is found in its order: %s",
  (_name, filter) => {
    expect(plansOf(toWalk({ ...SCOPE, ...filter })).filter(isSort)).toHaveLength(isFew(filter) ? 2 : 0); // each of two pages
  },
);

test.each([{}, ...OF_RUNS].map((filter) => [JSON.stringify(filter), filter] as const))(
  "a page of runs is found in its order: %s",
  (_name, filter) => {
    expect(plansOf(toRunWalk({ ...SCOPE, ...filter })).filter(isSort)).toHaveLength(isFew(filter) ? 2 : 0); // each of two pages
  },
);
