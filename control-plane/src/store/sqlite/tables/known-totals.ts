import type { InvocationFilter, RunFilter, Scope } from "../../store.ts";
import type { Db } from "../database.ts";
import { taggedOf, type Counts } from "./counts.ts";
import { isLegacyWord } from "./walk.ts";

/** Totals of lists that are asked for often and could be long: kept in counters, so that nobody counts a million rows. */
export type KnownTotals = ReturnType<typeof createKnownTotals>;

export function createKnownTotals(db: Db, counts: Counts) {
  const selectListed = db
    .prepare<[string, string, string], number>(
      `SELECT c.listed_count FROM instance_counts AS c JOIN instances AS i ON i.instance_id = c.instance_id
        WHERE c.instance_id = ? AND i.account_id = ? AND i.region_id = ?`,
    )
    .pluck();
  const listedOn = (instanceId: string, { accountId, regionId }: Scope) =>
    selectListed.get(instanceId, accountId, regionId);

  /** @returns undefined: somebody has to count */
  const ofInvocations = (filter: InvocationFilter): number | undefined => {
    const { instanceId, invokeStatus, tags } = filter;
    const [tag] = tags;
    if (asksOnly(filter)) return counts.total("invocations", filter);
    if (instanceId !== undefined && asksOnly(filter, "instanceId")) return listedOn(instanceId, filter);
    if (invokeStatus !== undefined && asksOnly(filter, "invokeStatus"))
      return counts.total(
        isLegacyWord(invokeStatus) ? `invocations shown as ${invokeStatus}` : `invocations in ${invokeStatus}`,
        filter,
      );
    if (tag && tags.length === 1 && asksOnly(filter, "tags")) return counts.total(taggedOf("invocations", tag), filter);
    return undefined;
  };

  /** Of the latest runs. @returns undefined: somebody has to count */
  const ofRuns = (filter: RunFilter): number | undefined => {
    const { instanceId, statuses, tags } = filter;
    const [tag] = tags;
    if (asksOnly(filter)) return counts.total("runs", filter);
    if (instanceId !== undefined && asksOnly(filter, "instanceId")) return listedOn(instanceId, filter);
    if (statuses !== undefined && asksOnly(filter, "statuses"))
      return [...new Set(statuses)].reduce((sum, status) => sum + counts.total(`runs in ${status}`, filter), 0);
    if (tag && tags.length === 1 && asksOnly(filter, "tags")) return counts.total(taggedOf("runs", tag), filter);
    return undefined;
  };

  return { ofInvocations, ofRuns };
}

const SCOPE: readonly string[] = ["accountId", "regionId"];

/** Besides its account and region. */
export function asksOnly(filter: Scope & { readonly tags: readonly unknown[] }, name?: string): boolean {
  return Object.entries(filter).every(
    ([key, value]) =>
      SCOPE.includes(key) || key === name || value === undefined || (key === "tags" && filter.tags.length === 0),
  );
}
