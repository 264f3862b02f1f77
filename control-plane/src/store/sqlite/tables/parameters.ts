import { ApiError } from "@cloud-assistant/shared/errors";
import type {
  Parameter,
  ParameterFilter,
  ParameterKey,
  ParameterPage,
  ParameterStore,
  ParameterVersion,
} from "../../parameters.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";
import { type Condition, contains, equals, inGroups, startsWith, valuesOf, where } from "./listing.ts";
import { haveTags, type TagRows } from "./tags.ts";

type Row = {
  seq: number;
  parameter_id: string;
  account_id: string;
  region_id: string;
  secret: number;
  name: string;
  type: Parameter["type"];
  description: string;
  constraints: string;
  resource_group_id: string;
  key_id: string;
  created_by: string;
  created_ms: number;
  version: number;
  updated_by: string;
  updated_ms: number;
};
type VersionRow = { version: number; sealed_value: Buffer; updated_by: string; updated_ms: number };

export function createParameters(db: Db, { mutate }: Writer, tagRows: TagRows): ParameterStore {
  const insert = db.prepare(
    `INSERT INTO parameters (parameter_id, account_id, region_id, secret, name, type, description, constraints, resource_group_id,
      key_id, created_by, created_ms, version, updated_by, updated_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertVersion = db.prepare("INSERT INTO parameter_versions VALUES (?, ?, ?, ?, ?)");
  const select = db.prepare<[string, string, number, string], Row>(
    "SELECT * FROM parameters WHERE account_id = ? AND region_id = ? AND secret = ? AND name = ?",
  );
  const selectVersion = db.prepare<[string, number | null], VersionRow>(
    `SELECT v.* FROM parameter_versions AS v JOIN parameters AS p ON p.seq = v.parameter_seq
      WHERE p.parameter_id = ? AND v.version = coalesce(?, p.version)`,
  );
  const update = db.prepare(
    "UPDATE parameters SET description = ?, resource_group_id = ?, version = ?, updated_by = ?, updated_ms = ? WHERE seq = ?",
  );
  const dropVersions = db.prepare<[number, number]>(
    "DELETE FROM parameter_versions WHERE parameter_seq = ? AND version <= ?",
  );
  const remove = db.prepare<[number]>("DELETE FROM parameters WHERE seq = ?");

  const find = ({ accountId, regionId, secret, name }: ParameterKey): Row | undefined =>
    select.get(accountId, regionId, Number(secret), name);
  const need = (key: ParameterKey): Row => {
    const row = find(key);
    if (!row) throw new ApiError("EntityNotExists.Parameter");
    return row;
  };
  const toParameter = (row: Row): Parameter => ({
    parameterId: row.parameter_id,
    accountId: row.account_id,
    regionId: row.region_id,
    secret: row.secret === 1,
    name: row.name,
    type: row.type,
    description: row.description,
    constraints: row.constraints,
    resourceGroupId: row.resource_group_id,
    keyId: row.key_id,
    createdBy: row.created_by,
    createdMs: row.created_ms,
    version: row.version,
    updatedBy: row.updated_by,
    updatedMs: row.updated_ms,
    tags: tagRows.listOf("parameter", row.seq),
  });

  return {
    insert: (parameter, sealedValue, request) =>
      mutate(
        request,
        () => {
          const { lastInsertRowid } = insert.run(...toValues(parameter));
          const seq = Number(lastInsertRowid);
          insertVersion.run(seq, parameter.version, sealedValue, parameter.updatedBy, parameter.updatedMs);
          tagRows.insert("parameter", seq, parameter.tags);
        },
        () => {
          if (find(parameter)) throw new ApiError("EntityAlreadyExists.Parameter");
        },
      ),
    update: (key, changes, maxVersions, request) =>
      mutate(
        request,
        () => {
          const row = need(key);
          const {
            description = row.description,
            resourceGroupId = row.resource_group_id,
            tags,
            sealedValue,
            updatedBy,
            updatedMs,
          } = changes;
          const version = sealedValue ? row.version + 1 : row.version;
          update.run(description, resourceGroupId, version, updatedBy, updatedMs, row.seq);
          if (sealedValue) insertVersion.run(row.seq, version, sealedValue, updatedBy, updatedMs);
          dropVersions.run(row.seq, version - maxVersions);
          if (tags) {
            tagRows.removeAll("parameter", row.seq);
            tagRows.insert("parameter", row.seq, tags);
          }
          return toParameter(need(key));
        },
        () => void need(key),
      ),
    remove: (key, request) =>
      mutate(
        request,
        () => {
          const { seq, version } = need(key);
          dropVersions.run(seq, version);
          tagRows.removeAll("parameter", seq);
          remove.run(seq);
        },
        () => void need(key),
      ),
    find: async (key) => {
      const row = find(key);
      return row && toParameter(row);
    },
    findVersion: async (parameterId, version) => {
      const row = selectVersion.get(parameterId, version ?? null);
      return row && toVersion(row);
    },
    list: async (filter, page) => {
      const conditions = toConditions(filter);
      const all = [...conditions, ...toPosition(page)];
      const direction = page.ascending ? "ASC" : "DESC";
      const order = page.sortField === "name" ? `p.name ${direction}` : `p.seq ${direction}`;
      const rows = db
        .prepare(`SELECT p.* FROM parameters AS p${where(all)} ORDER BY ${order} LIMIT ?`)
        .all(...valuesOf(all), page.limit + 1) as Row[];
      const { total } = db
        .prepare(`SELECT count(*) AS total FROM parameters AS p${where(conditions)}`)
        .get(...valuesOf(conditions)) as { total: number };
      const shown = rows.slice(0, page.limit);
      const last = shown.at(-1);
      return {
        rows: shown.map(toParameter),
        total,
        ...(rows.length > page.limit && last && { next: { name: last.name, seq: last.seq } }),
      };
    },
  };
}

function toValues(parameter: Parameter) {
  const { parameterId, accountId, regionId, secret, name, type, description, constraints, resourceGroupId, keyId } =
    parameter;
  const { createdBy, createdMs, version, updatedBy, updatedMs } = parameter;
  const words = [
    parameterId,
    accountId,
    regionId,
    Number(secret),
    name,
    type,
    description,
    constraints,
    resourceGroupId,
    keyId,
  ];
  return [...words, createdBy, createdMs, version, updatedBy, updatedMs];
}

function toVersion({
  version,
  sealed_value: sealedValue,
  updated_by: updatedBy,
  updated_ms: updatedMs,
}: VersionRow): ParameterVersion {
  return { version, sealedValue, updatedBy, updatedMs };
}

function toConditions({
  accountId,
  regionId,
  secret,
  namePart,
  type,
  path,
  recursive,
  resourceGroupIds,
  tags,
}: ParameterFilter): Condition[] {
  return [
    ...equals({ "p.account_id": accountId, "p.region_id": regionId, "p.secret": Number(secret), "p.type": type }),
    ...(namePart === undefined ? [] : [contains("p.name", namePart)]),
    ...(path === undefined ? [] : [startsWith("p.name", path)]),
    ...(path === undefined || recursive
      ? []
      : [{ sql: "instr(substr(p.name, ?), '/') = 0", values: [[...path].length + 1] }]),
    ...inGroups("p.resource_group_id", resourceGroupIds),
    ...haveTags("parameter", "p.seq", tags),
  ];
}

function toPosition({ after, sortField, ascending }: ParameterPage): Condition[] {
  if (!after) return [];
  const sign = ascending ? ">" : "<";
  return [
    sortField === "name"
      ? { sql: `p.name ${sign} ?`, values: [after.name] }
      : { sql: `p.seq ${sign} ?`, values: [after.seq] },
  ];
}
