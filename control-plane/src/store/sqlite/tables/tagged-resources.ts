import { ApiError } from "@cloud-assistant/shared/errors";
import type { TaggedKind } from "../../../domain/tagged-kind.ts";
import type { Resources, TaggedFilter, TagStore } from "../../tags.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";
import { type Condition, equals, inScope, isOneOf, type Lister, matches } from "./listing.ts";
import type { Counts } from "./counts.ts";
import type { TagRows } from "./tags.ts";

/** Where the resources of a kind are. */
const TABLES: Readonly<Record<TaggedKind, { readonly table: string; readonly id: string; readonly living?: string }>> =
  {
    command: { table: "commands", id: "command_id" },
    activation: { table: "activations", id: "activation_id" },
    instance: { table: "instances", id: "instance_id", living: "r.deregistered_ms IS NULL" },
    invocation: { table: "invocations", id: "invoke_id" },
  };

type Row = { seq: number; resource_id: string; resource_group_id: string };

type Parts = { readonly counts: Counts; readonly tagRows: TagRows; readonly list: Lister };

export function createTaggedResources(db: Db, { mutate }: Writer, { counts, tagRows, list }: Parts): TagStore {
  const selects = new Map(
    Object.entries(TABLES).map(([kind, { table, id, living = "1" }]) => [
      kind,
      db
        .prepare<[string, string, string], number>(
          `SELECT r.seq FROM ${table} AS r WHERE r.${id} = ? AND r.account_id = ? AND r.region_id = ? AND ${living}`,
        )
        .pluck(),
    ]),
  );
  const isUnkept = db
    .prepare<[string, string, string], number>(
      "SELECT 1 FROM invocations WHERE command_id = ? AND +account_id = ? AND +region_id = ? LIMIT 1",
    )
    .pluck();
  const need = ({ accountId, regionId, kind, ids }: Resources): number[] =>
    ids.map((id) => {
      const seq = selects.get(kind)?.get(id, accountId, regionId);
      if (seq !== undefined) return seq;
      // a command that was not kept lives in its invocation alone, which can be tagged instead
      const unkept = kind === "command" && isUnkept.get(id, accountId, regionId) !== undefined;
      throw new ApiError(unkept ? "InvalidResourceId.NotSupported" : "InvalidResourceId.NotFound");
    });

  const countHosts = db
    .prepare<[number], number>("SELECT count(*) FROM runs WHERE invocation_seq = ? AND latest = 1")
    .pluck();
  const removeTags = (kind: TaggedKind, seq: number, keys: readonly string[] | undefined): void => {
    if (!keys) return tagRows.removeAll(kind, seq);
    for (const key of keys) tagRows.remove(kind, seq, key);
  };
  /** Of invocations it is counted how many have a tag. */
  const change = ({ accountId, regionId, kind }: Resources, seq: number, write: () => void): void => {
    if (kind !== "invocation") return write();
    const hosts = countHosts.get(seq) ?? 0;
    counts.tagged({ accountId, regionId }, tagRows.listOf(kind, seq), -1, -hosts);
    write();
    counts.tagged({ accountId, regionId }, tagRows.listOf(kind, seq), 1, hosts);
  };

  return {
    set: (resources, tags, maxTags, request) =>
      mutate(
        request,
        () => {
          for (const seq of need(resources)) change(resources, seq, () => tagRows.append(resources.kind, seq, tags));
        },
        () => {
          for (const seq of need(resources)) checkRoom(tagRows.listOf(resources.kind, seq), tags, maxTags);
        },
      ),
    unset: (resources, keys, request) =>
      mutate(
        request,
        () => {
          for (const seq of need(resources)) change(resources, seq, () => removeTags(resources.kind, seq, keys));
        },
        () => void need(resources),
      ),
    list: async (filter, page) => {
      const { table, id } = TABLES[filter.kind];
      return list({
        select: `r.seq, r.${id} AS resource_id, r.resource_group_id`,
        from: `${table} AS r`,
        order: ["r.seq"],
        conditions: toConditions(filter),
        page,
        total: 0, // nobody asks
        toRow: ({ seq, resource_id: resourceId, resource_group_id: resourceGroupId }: Row) => ({
          resourceId,
          resourceGroupId,
          tags: tagRows.listOf(filter.kind, seq),
        }),
      });
    },
  };
}

function checkRoom(has: readonly { key: string }[], added: readonly { key: string }[], maxTags: number): void {
  const keys = new Set(has.map(({ key }) => key));
  const folded = new Set([...keys].map((key) => key.toLowerCase()));
  const fresh = added.filter(({ key }) => !keys.has(key));
  if (fresh.some(({ key }) => folded.has(key.toLowerCase()))) throw new ApiError("TagKey.Duplication");
  if (keys.size + fresh.length > maxTags) throw new ApiError("OperationDenied.QuotaExceed");
}

function toConditions({
  accountId,
  regionId,
  kind,
  ids,
  tags = [],
  patterns = [],
  resourceGroupId,
}: TaggedFilter): Condition[] {
  const { id, living } = TABLES[kind];
  const anyTag: Condition = { sql: `r.seq IN (SELECT owner_seq FROM tags WHERE owner = '${kind}')`, values: [] };
  const narrow = tags.length + patterns.length > 0 || resourceGroupId !== undefined;
  return [
    ...inScope("r", { accountId, regionId }, false),
    ...equals({ "r.resource_group_id": resourceGroupId }),
    ...(living ? [{ sql: living, values: [] }] : []),
    ...(ids ? [isOneOf(`r.${id}`, ids)] : []),
    ...(narrow ? [] : [anyTag]),
    ...tags.map(({ key, value }) => have(kind, [{ sql: "key = ?", values: [key] }, ...equals({ value })])),
    ...patterns.map(({ key, values }) =>
      have(kind, [matches("key", key), ...anyOf(values.map((value) => matches("value", value)))]),
    ),
  ];
}

function have(kind: TaggedKind, conditions: readonly Condition[]): Condition {
  return {
    sql: `r.seq IN (SELECT owner_seq FROM tags WHERE owner = '${kind}' AND ${conditions.map(({ sql }) => `(${sql})`).join(" AND ")})`,
    values: conditions.flatMap(({ values }) => [...values]),
  };
}

function anyOf(conditions: readonly Condition[]): Condition[] {
  if (conditions.length === 0) return [];
  return [
    { sql: conditions.map(({ sql }) => sql).join(" OR "), values: conditions.flatMap(({ values }) => [...values]) },
  ];
}
