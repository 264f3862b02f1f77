import type { Activation, ActivationStore, Tag } from "../store.ts";
import type { GroupCommit } from "./group-commit.ts";
import { useNonce } from "./nonces.ts";
import { listPage, Where } from "./paging.ts";
import type { Row, Statements } from "./statements.ts";
import { insertTags } from "./tags.ts";

const HOUR_MS = 3_600_000;

export function activationStore(sql: Statements, writes: GroupCommit): ActivationStore {
  return {
    insert: (activation, request) =>
      writes.commit(() => {
        useNonce(sql, request);
        insertActivation(sql, activation);
      }),
    find: async (activationId) => {
      const row = sql.row("SELECT * FROM activations WHERE activation_id = ?", activationId);
      return row && toActivation(row);
    },
    list: async ({ regionId, activationId, instanceName, tags }, page) => {
      const where = new Where()
        .equals("a.region_id", regionId)
        .equals("a.activation_id", activationId)
        .tagged("activation", "a.activation_id", tags);
      if (instanceName !== undefined) where.add("substr(a.instance_name, 1, length(?)) = ?", instanceName, instanceName);
      return listPage(sql, { columns: "a.*", from: "activations a", seq: "a.seq", where, toRow: toActivation }, page);
    },
    countOpen: async (regionId, atMs) =>
      Number(
        sql.row<{ n: number }>(
          `SELECT count(*) AS n FROM activations
            WHERE region_id = ? AND disabled = 0 AND created_ms + time_to_live_hours * ${HOUR_MS} > ?`,
          regionId,
          atMs,
        )?.n,
      ),
  };
}

function insertActivation(sql: Statements, activation: Activation): void {
  sql.run(
    `INSERT INTO activations (activation_id, region_id, sealed_code, instance_count, time_to_live_hours, description,
       instance_name, ip_address_range, disabled, created_ms, registered_count, deregistered_count, tags)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    activation.activationId,
    activation.regionId,
    activation.sealedCode,
    activation.instanceCount,
    activation.timeToLiveHours,
    activation.description,
    activation.instanceName,
    activation.ipAddressRange,
    Number(activation.disabled),
    activation.createdMs,
    activation.registeredCount,
    activation.deregisteredCount,
    JSON.stringify(activation.tags),
  );
  insertTags(sql, "activation", activation.activationId, activation.tags);
}

export function toActivation(row: Row): Activation {
  return {
    activationId: String(row["activation_id"]),
    regionId: String(row["region_id"]),
    sealedCode: row["sealed_code"] as Uint8Array,
    instanceCount: Number(row["instance_count"]),
    timeToLiveHours: Number(row["time_to_live_hours"]),
    description: String(row["description"]),
    instanceName: String(row["instance_name"]),
    ipAddressRange: String(row["ip_address_range"]),
    disabled: row["disabled"] === 1,
    createdMs: Number(row["created_ms"]),
    registeredCount: Number(row["registered_count"]),
    deregisteredCount: Number(row["deregistered_count"]),
    tags: JSON.parse(String(row["tags"])) as Tag[],
  };
}
