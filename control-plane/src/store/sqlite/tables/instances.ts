import { ApiError } from "@cloud-assistant/shared/errors";
import type { HostFacts } from "@cloud-assistant/shared/protocol/frames";
import type { RunEvent } from "../../../domain/run.ts";
import type { Instance, InstanceFilter, InstanceStore, RegisterResult, StoredRun } from "../../store.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";
import type { Counts } from "./counts.ts";
import { INSTANCE_FROM, INSTANCE_SELECT, IS_REGISTERED, type InstanceRow, type InstanceRows } from "./instance-rows.ts";
import { type Condition, equals, inGroups, isNoneOf, isOneOf, isUnfiltered, type Lister, matches } from "./listing.ts";
import { haveTags } from "./tags.ts";

type Quota = {
  instance_count: number;
  registered_count: number;
  instance_name: string;
  disabled: number;
  expires_ms: number;
};

type Parts = {
  readonly counts: Counts;
  readonly rows: InstanceRows;
  readonly list: Lister;
  /** Inside the transaction it is called in. */
  readonly applyToOpenRuns: (instanceId: string, event: RunEvent) => StoredRun[];
};

export function createInstances(
  db: Db,
  { write, mutate }: Writer,
  { counts, rows, list, applyToOpenRuns }: Parts,
): InstanceStore {
  const selectQuota = db.prepare<[string], Quota>(
    `SELECT instance_count, registered_count, instance_name, disabled, created_ms + time_to_live_hours * 3600000 AS expires_ms
      FROM activations WHERE activation_id = ?`,
  );
  const countRegistration = db.prepare<[string]>(
    "UPDATE activations SET registered_count = registered_count + 1 WHERE activation_id = ?",
  );
  const countDeregistration = db.prepare<[string]>(
    "UPDATE activations SET deregistered_count = deregistered_count + 1 WHERE activation_id = ?",
  );
  const selectOsType = db
    .prepare<[string, string, string], HostFacts["osType"]>(
      `SELECT os_type FROM instances AS i WHERE instance_id = ? AND account_id = ? AND region_id = ? AND ${IS_REGISTERED}`,
    )
    .pluck();
  const updateLastSeen = db.prepare<[number, string]>("UPDATE instances SET last_seen_ms = ? WHERE instance_id = ?");

  const register = (asked: Instance, atMs: number): { result: RegisterResult; instance?: Instance } => {
    // a repeated registration is answered whatever became of the activation since: its first answer may have been lost
    const known = rows.findByKey(asked.activationId, asked.publicKey);
    if (known) return { result: "known", instance: known };
    if (rows.wasSentAway(asked.activationId, asked.publicKey)) return { result: "deregistered" };
    const quota = selectQuota.get(asked.activationId);
    if (!quota) throw new Error(`no activation ${asked.activationId}`);
    if (quota.disabled === 1) return { result: "disabled" };
    if (atMs >= quota.expires_ms) return { result: "expired" };
    if (quota.registered_count >= quota.instance_count) return { result: "exhausted" };
    const instance = { ...asked, instanceName: nameOf(asked, quota) };
    countRegistration.run(asked.activationId);
    rows.insert(instance);
    counts.created("instances", instance, 1);
    return { result: "registered", instance };
  };

  const need = (instanceId: string): Instance => {
    const instance = rows.find(instanceId);
    if (!instance) throw new ApiError("InvalidInstance.NotFound");
    return instance;
  };

  return {
    register: (instance, atMs) => write(() => register(instance, atMs)),
    find: async (instanceId) => rows.find(instanceId),
    osTypesOf: async ({ accountId, regionId }, instanceIds) =>
      instanceIds.flatMap((instanceId) => selectOsType.get(instanceId, accountId, regionId) ?? []),
    list: async (filter, page) =>
      list({
        select: INSTANCE_SELECT,
        from: INSTANCE_FROM,
        order: ["i.seq"],
        conditions: toConditions(filter),
        page,
        total: isUnfiltered(filter) ? counts.total("instances", filter) : undefined,
        toRow: (row: InstanceRow) => rows.toInstance(row),
      }),
    saveSeen: (instanceId, { host, internetIp, atMs }) =>
      write(() => rows.updateSeen(instanceId, host, internetIp, atMs)),
    saveLastSeen: (instanceIds, atMs) =>
      write(() => {
        for (const instanceId of instanceIds) updateLastSeen.run(atMs, instanceId);
      }),
    rename: (instanceId, instanceName, request) =>
      mutate(
        request,
        () => rows.updateName(instanceId, instanceName),
        () => void need(instanceId),
      ),
    deregister: (instanceId, atMs, request) =>
      mutate(
        request,
        () => {
          const instance = need(instanceId);
          const ended = applyToOpenRuns(instanceId, { type: "deregistered", atMs });
          rows.updateDeregistered(instanceId, atMs);
          countDeregistration.run(instance.activationId);
          counts.created("instances", instance, -1);
          return ended;
        },
        () => void need(instanceId),
      ),
    findDeregistered: async (instanceId) => rows.findDeregistered(instanceId),
  };
}

/** `<prefix>-001`: three digits in the documentation's example, four for a thousand (CreateActivation, InstanceName). */
const MIN_DIGITS = 3;

/** A name of its own; else the activation's prefix with the number of this registration; else the host's. */
function nameOf(
  { instanceName, host }: Instance,
  { instance_name: prefix, instance_count: quota, registered_count: registered }: Quota,
): string {
  if (prefix === "" || (instanceName !== "" && instanceName !== prefix)) return instanceName || host.hostname;
  const digits = Math.max(MIN_DIGITS, String(quota).length);
  return `${prefix}-${String(registered + 1).padStart(digits, "0")}`;
}

function toConditions(filter: InstanceFilter): Condition[] {
  const { instanceIds, resourceGroupIds, instanceName, instanceIp, osType, connected, connectedIds = [] } = filter;
  return [
    { sql: IS_REGISTERED, values: [] },
    ...equals({
      "i.account_id": filter.accountId,
      "i.region_id": filter.regionId,
      "i.activation_id": filter.activationId,
      "i.machine_id": filter.machineId,
    }),
    ...equals({ "i.os_type": osType?.toLowerCase() }),
    ...(instanceIds === undefined ? [] : [isOneOf("i.instance_id", instanceIds)]),
    ...inGroups("i.resource_group_id", resourceGroupIds),
    ...(instanceName === undefined ? [] : [matches("i.instance_name", instanceName)]),
    ...(instanceIp === undefined
      ? []
      : [{ sql: "i.intranet_ip = ? OR i.internet_ip = ?", values: [instanceIp, instanceIp] }]),
    ...(connected === undefined ? [] : [(connected ? isOneOf : isNoneOf)("i.instance_id", connectedIds)]),
    ...haveTags("instance", "i.seq", filter.tags),
  ];
}
