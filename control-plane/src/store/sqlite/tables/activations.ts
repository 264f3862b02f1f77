import { ApiError } from "@cloud-assistant/shared/errors";
import type { Activation, ActivationFilter, ActivationStore } from "../../store.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";
import type { Counts } from "./counts.ts";
import { equals, inGroups, isUnfiltered, type Lister, startsWith } from "./listing.ts";
import { haveTags, type TagRows } from "./tags.ts";

const HOUR_MS = 3_600_000;

type Row = {
  seq: number;
  activation_id: string;
  account_id: string;
  region_id: string;
  sealed_code: Buffer;
  instance_count: number;
  time_to_live_hours: number;
  description: string;
  instance_name: string;
  ip_address_range: string;
  disabled: number;
  created_ms: number;
  registered_count: number;
  deregistered_count: number;
  resource_group_id: string;
};

export function createActivations(
  db: Db,
  { mutate }: Writer,
  counts: Counts,
  tagRows: TagRows,
  list: Lister,
): ActivationStore {
  const insert = db.prepare(
    `INSERT INTO activations (activation_id, region_id, sealed_code, instance_count, time_to_live_hours, description,
      instance_name, ip_address_range, disabled, created_ms, registered_count, deregistered_count, resource_group_id, account_id)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const select = db.prepare<[string], Row>("SELECT * FROM activations WHERE activation_id = ?");
  const countOpen = db
    .prepare<[string, string, number], number>(
      `SELECT count(*) FROM activations WHERE account_id = ? AND region_id = ? AND disabled = 0 AND created_ms + time_to_live_hours * ${HOUR_MS} > ?`,
    )
    .pluck();
  const disable = db.prepare<[string]>("UPDATE activations SET disabled = 1 WHERE activation_id = ?");
  const remove = db.prepare<[number]>("DELETE FROM activations WHERE seq = ?");
  const need = (activationId: string): Row => {
    const row = select.get(activationId);
    if (!row) throw new ApiError("ActivationId.NotFound");
    return row;
  };
  const toActivation = (row: Row): Activation => ({
    activationId: row.activation_id,
    accountId: row.account_id,
    regionId: row.region_id,
    sealedCode: row.sealed_code,
    instanceCount: row.instance_count,
    timeToLiveHours: row.time_to_live_hours,
    description: row.description,
    instanceName: row.instance_name,
    ipAddressRange: row.ip_address_range,
    disabled: row.disabled === 1,
    createdMs: row.created_ms,
    registeredCount: row.registered_count,
    deregisteredCount: row.deregistered_count,
    resourceGroupId: row.resource_group_id,
    tags: tagRows.listOf("activation", row.seq),
  });

  return {
    insert: (activation, request) =>
      mutate(
        request,
        () => {
          const { lastInsertRowid } = insert.run(...toValues(activation));
          tagRows.insert("activation", Number(lastInsertRowid), activation.tags);
          counts.created("activations", activation, 1);
        },
        () => {
          if (select.get(activation.activationId))
            throw new Error(`activation ${activation.activationId} exists already`);
        },
      ),
    find: async (activationId) => {
      const row = select.get(activationId);
      return row && toActivation(row);
    },
    list: async (filter, page) =>
      list({
        select: "a.*",
        from: "activations AS a",
        order: ["a.seq"],
        conditions: toConditions(filter),
        page,
        total: isUnfiltered(filter) ? counts.total("activations", filter) : undefined,
        toRow: toActivation,
      }),
    countOpen: async ({ accountId, regionId }, atMs) => countOpen.get(accountId, regionId, atMs) ?? 0,
    disable: (activationId, request) =>
      mutate(
        request,
        () => void disable.run(activationId),
        () => void need(activationId),
      ),
    remove: (activationId, request) =>
      mutate(
        request,
        () => {
          const { seq, account_id: accountId, region_id: regionId } = need(activationId);
          tagRows.removeAll("activation", seq);
          remove.run(seq);
          counts.created("activations", { accountId, regionId }, -1);
        },
        () => {
          if (need(activationId).registered_count > 0) throw new ApiError("ActivationId.InUse");
        },
      ),
  };
}

function toValues(activation: Activation) {
  const { activationId, regionId, sealedCode, instanceCount, timeToLiveHours, description } = activation;
  const { instanceName, ipAddressRange, disabled, createdMs, registeredCount, deregisteredCount } = activation;
  return [
    activationId,
    regionId,
    sealedCode,
    instanceCount,
    timeToLiveHours,
    description,
    instanceName,
    ipAddressRange,
    Number(disabled),
    createdMs,
    registeredCount,
    deregisteredCount,
    activation.resourceGroupId,
    activation.accountId,
  ];
}

/** The name is a prefix (DescribeActivations, InstanceName). */
function toConditions({ accountId, regionId, activationId, instanceName, resourceGroupIds, tags }: ActivationFilter) {
  return [
    ...equals({ "a.account_id": accountId, "a.region_id": regionId, "a.activation_id": activationId }),
    ...(instanceName === undefined ? [] : [startsWith("a.instance_name", instanceName)]),
    ...inGroups("a.resource_group_id", resourceGroupIds),
    ...haveTags("activation", "a.seq", tags),
  ];
}
