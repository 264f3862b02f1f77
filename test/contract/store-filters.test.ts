import {
  legacyOverallStatus,
  overallStatus,
  willRunAgain,
} from "@cloud-assistant/control-plane/domain/invocation-status";
import type {
  InvocationFilter,
  InvocationWithRuns,
  Page,
  Paged,
  RunFilter,
  StoredRun,
} from "@cloud-assistant/control-plane/store/store";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { integer, seededRandom } from "../support/random.ts";
import {
  ACCOUNT,
  anInvocation,
  aNonce,
  exited,
  NOW_MS,
  ref,
  REGION,
  seatStore,
  sent,
  type StoreSeat,
} from "../support/stores.ts";

const COMMANDS = ["c-1", "c-2"];
const NAMES = ["", "n", "m"];
const TYPES = ["RunShellScript", "RunBatScript"] as const;
const MODES = ["Once", "Period", "EveryReboot", "DryRun"] as const;
const GROUPS = ["", "rg-1", "rg-2"];
const HOSTS = ["mi-1", "mi-2", "mi-3"];
const TAGS = [
  { key: "a", value: "1" },
  { key: "a", value: "2" },
  { key: "b", value: "1" },
];
const STATUSES = ["Pending", "Running", "Success", "Failed", "Finished", "Stopping", "Stopped", "PartialFailed"];
const RECORDS = [
  ["Timeout", "Invalid", "Aborted", "Error"],
  ["Cancelled", "Terminated"],
  ["Pending", "Scheduled", "Running"],
  ["Success", "Failed"],
  ["Stopping"],
] as const;

let seat: StoreSeat;
/** Everything there is, newest first, as the store tells it of itself. */
let all: InvocationWithRuns[];
beforeAll(async () => {
  seat = await seatStore();
  const random = seededRandom(1);
  const pick = <T>(from: readonly T[]): T => from[integer(random, 0, from.length - 1)] as T;
  const { invocations, runs } = seat.store;
  for (let n = 0; n < 60; n++) {
    const place = {
      accountId: pick([ACCOUNT, ACCOUNT, ACCOUNT, "2"]),
      regionId: pick([REGION, REGION, REGION, "other"]),
    };
    const tags = TAGS.filter((_tag, at) => at !== 1 && random() < 0.5).map((tag) =>
      random() < 0.3 && tag.key === "a" ? { key: "a", value: "2" } : tag,
    );
    const fields = {
      commandId: pick(COMMANDS),
      name: pick(NAMES),
      commandType: pick(TYPES),
      repeatMode: pick(MODES),
      resourceGroupId: pick(GROUPS),
      tags,
    };
    const hosts = HOSTS.filter(() => random() < 0.6);
    await invocations.create(
      sent(anInvocation(`${n}`, { ...place, ...fields }), ...(hosts.length > 0 ? hosts : HOSTS)),
      aNonce(),
    );
    for (const host of hosts) {
      const run = ref(`${n}`, host);
      if (random() < 0.2) await runs.apply(run, { type: "stopAsked", atMs: NOW_MS });
      if (random() < 0.6)
        await runs.apply(
          run,
          pick([
            exited(0),
            exited(1),
            { type: "outcomeUnknown", atMs: NOW_MS, errorInfo: "x" },
            { type: "ended", atMs: NOW_MS, end: { how: "refused", reason: "cancelled" } },
          ] as const),
        );
      if (random() < 0.2) await runs.insertNext({ ...run, iteration: 2 }, NOW_MS);
    }
  }
  const everywhere = [ACCOUNT, "2"].flatMap((accountId) =>
    [REGION, "other"].map((regionId) => ({ accountId, regionId, tags: [] })),
  );
  const lists = await Promise.all(everywhere.map((scope) => invocations.list(scope, { limit: 100 })));
  all = lists
    .flatMap(({ rows }) => rows)
    .toSorted((a, b) => numberOf(b.invocation.invokeId) - numberOf(a.invocation.invokeId));
});
afterAll(() => seat.remove());

const numberOf = (invokeId: string): number => Number(invokeId.slice(2));

function matches({ invocation, runs }: InvocationWithRuns, filter: InvocationFilter): boolean {
  const statuses = runs.map(({ run }) => run.status);
  const { repeatMode } = invocation;
  const is = <K extends "accountId" | "regionId" | "invokeId" | "commandId" | "commandType" | "repeatMode">(
    name: K,
  ): boolean => filter[name] === undefined || filter[name] === invocation[name];
  return (
    (["accountId", "regionId", "invokeId", "commandId", "commandType", "repeatMode"] as const).every(is) &&
    (filter.commandName === undefined || filter.commandName === invocation.name) &&
    (filter.instanceId === undefined || runs.some(({ instanceId }) => instanceId === filter.instanceId)) &&
    (filter.resourceGroupIds === undefined || filter.resourceGroupIds.includes(invocation.resourceGroupId)) &&
    (filter.timed === undefined || filter.timed === willRunAgain(overallStatus(statuses), repeatMode)) &&
    filter.tags.every((tag) => invocation.tags.some(({ key, value }) => key === tag.key && value === tag.value)) &&
    (filter.invokeStatus === undefined ||
      filter.invokeStatus ===
        (["Pending", "Success"].includes(filter.invokeStatus)
          ? overallStatus(statuses)
          : legacyOverallStatus(statuses, repeatMode)))
  );
}

/** One list, by pages of a random size and by one page of everything, which must be the same. */
async function listBoth<T>(
  list: (page: Page) => Promise<Paged<T>>,
  limit: number,
): Promise<{ rows: T[]; total: number }> {
  const rows: T[] = [];
  let after: string | undefined;
  do {
    const page = await list({ limit, ...(after !== undefined && { after }) });
    rows.push(...page.rows);
    after = page.next;
  } while (after !== undefined);
  const once = await list({ limit: 200 });
  expect(once.rows).toEqual(rows);
  expect((await list({ limit, offset: limit })).rows).toEqual(rows.slice(limit, limit * 2));
  return { rows, total: once.total };
}

const maybe = <T>(values: readonly T[]): fc.Arbitrary<T | undefined> =>
  fc.option(fc.constantFrom(...values), { nil: undefined, freq: 2 });
const given = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
const limits = fc.integer({ min: 1, max: 20 });
const scopes = fc.record({
  accountId: fc.constantFrom(ACCOUNT, ACCOUNT, "2", "3"),
  regionId: fc.constantFrom(REGION, REGION, "other"),
});
const common = {
  invokeId: fc.option(fc.constantFrom("t-1", "t-2", "t-none"), { nil: undefined, freq: 8 }),
  commandId: maybe([...COMMANDS, "c-none"]),
  instanceId: maybe([...HOSTS, "mi-none"]),
  resourceGroupIds: maybe([["rg-1"], ["", "rg-2"], [""], ["rg-none"]]),
  tags: fc.subarray(TAGS, { maxLength: 2 }),
};
const invocationFilters = fc.tuple(
  scopes,
  fc.record({
    ...common,
    commandName: maybe(["n", "m"]),
    commandType: maybe(TYPES),
    repeatMode: maybe(MODES),
    timed: maybe([true, false]),
    invokeStatus: maybe(STATUSES),
  }),
);
const runFilters = fc.tuple(scopes, fc.record({ ...common, statuses: maybe(RECORDS) }));

test("any filter finds the invocations it should, in their order, on any pages", async () => {
  await fc.assert(
    fc.asyncProperty(invocationFilters, limits, async ([scope, fields], limit) => {
      const filter = given({ ...scope, ...fields }) as InvocationFilter;
      const wanted = all.filter((row) => matches(row, filter)).map(({ invocation }) => invocation.invokeId);
      const { rows, total } = await listBoth((page) => seat.store.invocations.list(filter, page), limit);
      expect([rows.map(({ invocation }) => invocation.invokeId), total]).toEqual([wanted, wanted.length]);
    }),
    { numRuns: 200, seed: 1 },
  );
});

const nameOf = ({ invokeId, instanceId, iteration }: StoredRun): string => `${invokeId} ${instanceId} ${iteration}`;

test("any filter finds the runs it should, those of the newest invocation first, on any pages", async () => {
  await fc.assert(
    fc.asyncProperty(runFilters, limits, async ([scope, { statuses, ...fields }], limit) => {
      const filter = given({ ...scope, ...fields, ...(statuses && { statuses }) }) as RunFilter;
      const wanted = all
        .filter((row) => matches(row, filter))
        .flatMap(({ runs }) => runs.toSorted((a, b) => b.seq - a.seq))
        .filter(
          ({ instanceId, run }) =>
            (filter.instanceId ?? instanceId) === instanceId && (filter.statuses?.includes(run.status) ?? true),
        )
        .map(nameOf);
      const { rows, total } = await listBoth((page) => seat.store.runs.list(filter, page), limit);
      expect([rows.map(nameOf), total]).toEqual([wanted, wanted.length]);
    }),
    { numRuns: 200, seed: 1 },
  );
});
