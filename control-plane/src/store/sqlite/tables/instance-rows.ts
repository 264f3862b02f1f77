import { HostFacts } from "@cloud-assistant/shared/protocol/frames";
import type { Instance } from "../../store.ts";
import type { Db } from "../database.ts";
import type { TagRows } from "./tags.ts";

export type InstanceRow = {
  seq: number;
  instance_id: string;
  account_id: string;
  region_id: string;
  activation_id: string;
  instance_name: string;
  public_key: string;
  seal_key: string;
  host: string;
  internet_ip: string;
  registered_ms: number;
  last_seen_ms: number;
  resource_group_id: string;
  active_count: number;
  invocation_count: number;
  last_invoked_ms: number | null;
};

/** Every look-up has it: whoever was deregistered is not there any more. */
export const IS_REGISTERED = "i.deregistered_ms IS NULL";
export const INSTANCE_SELECT = "i.*, c.active_count, c.invocation_count, c.last_invoked_ms";
export const INSTANCE_FROM = "instances AS i JOIN instance_counts AS c ON c.instance_id = i.instance_id";

export type InstanceRows = ReturnType<typeof createInstanceRows>;

export function createInstanceRows(db: Db, tagRows: TagRows) {
  const insert = db.prepare(
    `INSERT INTO instances (instance_id, region_id, activation_id, instance_name, public_key, seal_key, host, os_type,
      machine_id, intranet_ip, internet_ip, registered_ms, last_seen_ms, resource_group_id, account_id)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertCounts = db.prepare<[string, number, number, number | null]>(
    "INSERT INTO instance_counts (instance_id, active_count, invocation_count, last_invoked_ms) VALUES (?, ?, ?, ?)",
  );
  const select = db.prepare<[string], InstanceRow>(
    `SELECT ${INSTANCE_SELECT} FROM ${INSTANCE_FROM} WHERE i.instance_id = ? AND ${IS_REGISTERED}`,
  );
  const selectByKey = db.prepare<[string, string], InstanceRow>(
    `SELECT ${INSTANCE_SELECT} FROM ${INSTANCE_FROM} WHERE i.activation_id = ? AND i.public_key = ? AND ${IS_REGISTERED}`,
  );
  const selectDeregistered = db.prepare<[string], { publicKey: string }>(
    "SELECT public_key AS publicKey FROM instances WHERE instance_id = ? AND deregistered_ms IS NOT NULL",
  );
  const wasSentAway = db
    .prepare<[string, string], number>(
      "SELECT 1 FROM instances WHERE activation_id = ? AND public_key = ? AND deregistered_ms IS NOT NULL",
    )
    .pluck();
  const updateName = db.prepare<[string, string]>("UPDATE instances SET instance_name = ? WHERE instance_id = ?");
  const updateDeregistered = db.prepare<[number, string]>(
    "UPDATE instances SET deregistered_ms = ? WHERE instance_id = ?",
  );
  const updateSeen = db.prepare(
    `UPDATE instances SET host = ?, os_type = ?, machine_id = ?, intranet_ip = ?, internet_ip = ?, last_seen_ms = ?
      WHERE instance_id = ?`,
  );

  const toInstance = (row: InstanceRow): Instance => ({
    instanceId: row.instance_id,
    accountId: row.account_id,
    regionId: row.region_id,
    activationId: row.activation_id,
    instanceName: row.instance_name,
    publicKey: row.public_key,
    sealKey: row.seal_key,
    host: HostFacts.parse(JSON.parse(row.host)),
    internetIp: row.internet_ip,
    registeredMs: row.registered_ms,
    lastSeenMs: row.last_seen_ms,
    ...(row.last_invoked_ms !== null && { lastInvokedMs: row.last_invoked_ms }),
    invocationCount: row.invocation_count,
    activeCount: row.active_count,
    resourceGroupId: row.resource_group_id,
    tags: tagRows.listOf("instance", row.seq),
  });
  const toFound = (row: InstanceRow | undefined): Instance | undefined => row && toInstance(row);

  return {
    toInstance,
    insert: (instance: Instance): void => {
      const { host, instanceId, regionId, activationId, instanceName, publicKey, sealKey } = instance;
      const { lastInsertRowid } = insert.run(
        instanceId,
        regionId,
        activationId,
        instanceName,
        publicKey,
        sealKey,
        JSON.stringify(host),
        host.osType,
        host.machineId,
        host.intranetIp,
        instance.internetIp,
        instance.registeredMs,
        instance.lastSeenMs,
        instance.resourceGroupId,
        instance.accountId,
      );
      insertCounts.run(instanceId, instance.activeCount, instance.invocationCount, instance.lastInvokedMs ?? null);
      tagRows.insert("instance", Number(lastInsertRowid), instance.tags);
    },
    find: (instanceId: string): Instance | undefined => toFound(select.get(instanceId)),
    findByKey: (activationId: string, publicKey: string): Instance | undefined =>
      toFound(selectByKey.get(activationId, publicKey)),
    findDeregistered: (instanceId: string) => selectDeregistered.get(instanceId),
    wasSentAway: (activationId: string, publicKey: string): boolean =>
      wasSentAway.get(activationId, publicKey) !== undefined,
    updateName: (instanceId: string, name: string): void => void updateName.run(name, instanceId),
    updateDeregistered: (instanceId: string, atMs: number): void => void updateDeregistered.run(atMs, instanceId),
    updateSeen: (instanceId: string, host: HostFacts, internetIp: string, atMs: number): void => {
      updateSeen.run(JSON.stringify(host), host.osType, host.machineId, host.intranetIp, internetIp, atMs, instanceId);
    },
  };
}
