import { HostFacts } from "@cloud-assistant/shared/protocol/frames";
import type { Instance, InstanceFilter, InstanceStore, RegisterResult, Tag } from "../store.ts";
import { toActivation } from "./activations.ts";
import type { GroupCommit } from "./group-commit.ts";
import { listPage, Where } from "./paging.ts";
import type { Row, Statements } from "./statements.ts";
import { insertTags } from "./tags.ts";

const HOUR_MS = 3_600_000;

/** Running totals that an index answers at once, so that no run has to update its instance. */
const COLUMNS = `i.*,
  (SELECT count(*) FROM runs r WHERE r.instance_id = i.instance_id AND r.final = 0) AS active_count,
  (SELECT r.created_ms FROM runs r WHERE r.instance_id = i.instance_id ORDER BY r.seq DESC LIMIT 1) AS last_invoked_ms`;

export function instanceStore(sql: Statements, writes: GroupCommit): InstanceStore {
  const find = (instanceId: string): Instance | undefined => {
    const row = sql.row(`SELECT ${COLUMNS} FROM instances i WHERE i.instance_id = ?`, instanceId);
    return row && toInstance(row);
  };
  return {
    register: (instance, atMs) => writes.commit(() => register(sql, find, instance, atMs)),
    find: async (instanceId) => find(instanceId),
    list: async (filter, page) =>
      listPage(sql, { columns: COLUMNS, from: "instances i", seq: "i.seq", where: toWhere(filter), toRow: toInstance }, page),
    saveSeen: (instanceId, { host, internetIp, atMs }) =>
      writes.commit(() => {
        sql.run(
          `UPDATE instances SET host = ?, os_type = ?, intranet_ip = ?, machine_id = ?, internet_ip = ?, last_seen_ms = ?
            WHERE instance_id = ?`,
          JSON.stringify(host),
          host.osType,
          host.intranetIp,
          host.machineId,
          internetIp,
          atMs,
          instanceId,
        );
      }),
    saveLastSeen: (instanceIds, atMs) =>
      writes.commit(() => {
        for (const id of instanceIds) sql.run("UPDATE instances SET last_seen_ms = ? WHERE instance_id = ?", atMs, id);
      }),
  };
}

function toWhere(filter: InstanceFilter): Where {
  const where = new Where()
    .equals("i.region_id", filter.regionId)
    .in("i.instance_id", filter.instanceIds)
    .equals("i.activation_id", filter.activationId)
    .equals("i.machine_id", filter.machineId)
    .tagged("instance", "i.instance_id", filter.tags);
  if (filter.osType !== undefined) where.add("i.os_type = lower(?)", filter.osType);
  if (filter.instanceIp !== undefined) where.add("(i.intranet_ip = ? OR i.internet_ip = ?)", filter.instanceIp, filter.instanceIp);
  if (filter.instanceName !== undefined) where.add("i.instance_name GLOB ?", toGlob(filter.instanceName));
  if (filter.connected !== undefined) where.in("i.instance_id", filter.connectedIds ?? [], !filter.connected);
  return where;
}

/** `*` is the API's only wildcard; what GLOB would read as one of its own stands for itself. */
function toGlob(pattern: string): string {
  return pattern.replaceAll(/[[\]?]/g, (character) => `[${character}]`);
}

function register(
  sql: Statements,
  find: (instanceId: string) => Instance | undefined,
  instance: Instance,
  atMs: number,
): { result: RegisterResult; instance?: Instance } {
  const known = sql.row<{ instance_id: string }>(
    "SELECT instance_id FROM instances WHERE activation_id = ? AND public_key = ?",
    instance.activationId,
    instance.publicKey,
  );
  const earlier = known && find(known.instance_id);
  if (earlier) return { result: "known", instance: earlier };

  const row = sql.row("SELECT * FROM activations WHERE activation_id = ?", instance.activationId);
  if (!row) return { result: "expired" };
  const activation = toActivation(row);
  if (activation.disabled) return { result: "disabled" };
  if (activation.createdMs + activation.timeToLiveHours * HOUR_MS <= atMs) return { result: "expired" };
  if (activation.registeredCount >= activation.instanceCount) return { result: "exhausted" };

  const number = activation.registeredCount + 1;
  const digits = Math.max(3, String(activation.instanceCount).length);
  const prefixed = activation.instanceName && `${activation.instanceName}-${String(number).padStart(digits, "0")}`;
  insertInstance(sql, { ...instance, instanceName: instance.instanceName || prefixed || instance.host.hostname });
  sql.run("UPDATE activations SET registered_count = ? WHERE activation_id = ?", number, instance.activationId);
  const registered = find(instance.instanceId);
  return registered ? { result: "registered", instance: registered } : { result: "registered" };
}

function insertInstance(sql: Statements, instance: Instance): void {
  sql.run(
    `INSERT INTO instances (instance_id, region_id, activation_id, instance_name, public_key, seal_key, host, os_type,
       intranet_ip, internet_ip, machine_id, registered_ms, last_seen_ms, invocation_count, tags)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)`,
    instance.instanceId,
    instance.regionId,
    instance.activationId,
    instance.instanceName,
    instance.publicKey,
    instance.sealKey,
    JSON.stringify(instance.host),
    instance.host.osType,
    instance.host.intranetIp,
    instance.internetIp,
    instance.host.machineId,
    instance.registeredMs,
    instance.lastSeenMs,
    JSON.stringify(instance.tags),
  );
  insertTags(sql, "instance", instance.instanceId, instance.tags);
}

function toInstance(row: Row): Instance {
  return {
    instanceId: String(row["instance_id"]),
    regionId: String(row["region_id"]),
    activationId: String(row["activation_id"]),
    instanceName: String(row["instance_name"]),
    publicKey: String(row["public_key"]),
    sealKey: String(row["seal_key"]),
    host: HostFacts.parse(JSON.parse(String(row["host"]))),
    internetIp: String(row["internet_ip"]),
    registeredMs: Number(row["registered_ms"]),
    lastSeenMs: Number(row["last_seen_ms"]),
    ...(row["last_invoked_ms"] === null ? {} : { lastInvokedMs: Number(row["last_invoked_ms"]) }),
    invocationCount: Number(row["invocation_count"]),
    activeCount: Number(row["active_count"]),
    tags: JSON.parse(String(row["tags"])) as Tag[],
  };
}
