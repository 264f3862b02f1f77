import type { ClientToken, CreateResult, InvocationFilter, InvocationStore, InvocationWithRuns, NewInvocation, RequestNonce } from "../store.ts";
import { counter } from "./counters.ts";
import type { GroupCommit } from "./group-commit.ts";
import { findInvocation, insertInvocation, toInvocation } from "./invocation-rows.ts";
import { useNonce } from "./nonces.ts";
import { listPage, Where } from "./paging.ts";
import { RUN_COLUMNS, toStoredRun } from "./run-rows.ts";
import type { Row, Statements } from "./statements.ts";

export function invocationStore(sql: Statements, writes: GroupCommit): InvocationStore {
  return {
    create: (created, request) => writes.commit(() => create(sql, created, request)),
    findToken: async (token) => findToken(sql, token),
    find: async (invokeId) => findInvocation(sql, invokeId),
    list: async (filter, page) => {
      const where = toWhere(filter);
      return listPage(
        sql,
        {
          columns: "v.*",
          from: "invocations v",
          seq: "v.seq",
          where,
          toRow: (row: Row) => withRuns(sql, row, filter.instanceId),
          ...(where.isOnly(1) ? { total: counter(sql, `invocations:${filter.regionId}`) } : {}),
        },
        page,
      );
    },
  };
}

function create(sql: Statements, created: NewInvocation, request: RequestNonce): CreateResult {
  useNonce(sql, request);
  const { clientToken, invocation } = created;
  const earlier = clientToken && findToken(sql, clientToken);
  if (earlier) return earlier;
  insertInvocation(sql, created);
  if (clientToken) {
    sql.run(
      "INSERT INTO client_tokens VALUES (?, ?, ?, ?, ?, ?)",
      clientToken.accountId,
      clientToken.action,
      clientToken.token,
      clientToken.parametersHash,
      invocation.invokeId,
      invocation.commandId,
    );
  }
  return { result: "created" };
}

function findToken(sql: Statements, token: ClientToken): Exclude<CreateResult, { result: "created" }> | undefined {
  const row = sql.row(
    "SELECT parameters_hash, invoke_id, command_id FROM client_tokens WHERE account_id = ? AND action = ? AND token = ?",
    token.accountId,
    token.action,
    token.token,
  );
  if (!row) return undefined;
  if (row["parameters_hash"] !== token.parametersHash) return { result: "mismatch" };
  return { result: "repeated", invokeId: String(row["invoke_id"]), commandId: String(row["command_id"]) };
}

function withRuns(sql: Statements, row: Row, instanceId: string | undefined): InvocationWithRuns {
  const invocation = toInvocation(row);
  const runs =
    instanceId === undefined
      ? sql.rows(`SELECT ${RUN_COLUMNS} FROM runs r WHERE r.invoke_id = ? ORDER BY r.seq`, invocation.invokeId)
      : sql.rows(`SELECT ${RUN_COLUMNS} FROM runs r WHERE r.invoke_id = ? AND r.instance_id = ? ORDER BY r.seq`, invocation.invokeId, instanceId);
  return { invocation, runs: runs.map(toStoredRun) };
}

function toWhere(filter: InvocationFilter): Where {
  const where = new Where()
    .equals("v.region_id", filter.regionId)
    .equals("v.invoke_id", filter.invokeId)
    .equals("v.command_id", filter.commandId)
    .equals("v.name", filter.commandName)
    .equals("v.command_type", filter.commandType)
    .equals("v.repeat_mode", filter.repeatMode)
    .tagged("invocation", "v.invoke_id", filter.tags);
  if (filter.instanceId !== undefined) where.add("v.invoke_id IN (SELECT invoke_id FROM runs WHERE instance_id = ?)", filter.instanceId);
  if (filter.invokeStatus !== undefined) where.add(INVOKE_STATUS[filter.invokeStatus] ?? "0");
  return where;
}

const NOTHING_OPEN = "n_pending + n_scheduled + n_running = 0";
const ENDED = `${NOTHING_OPEN} AND n_stopping = 0`;
/** `InvokeStatus` of DescribeInvocations over the counts of statuses: legacy words by api-facts 2.3, the others by 2.2. */
const INVOKE_STATUS: Readonly<Record<string, string>> = {
  Pending: "n_pending > 0",
  Scheduled: "n_scheduled > 0 AND n_pending = 0",
  Running: `NOT (${NOTHING_OPEN})`,
  Stopping: `${NOTHING_OPEN} AND n_stopping > 0`,
  Stopped: `${ENDED} AND n_stopped > 0 AND n_success + n_nonzero + n_broken = 0`,
  Finished: `${ENDED} AND n_broken = 0 AND n_success + n_nonzero > 0`,
  Success: `${ENDED} AND n_success > 0 AND n_nonzero + n_broken = 0`,
  PartialFailed: `${ENDED} AND n_broken > 0 AND n_success + n_nonzero + n_stopped > 0`,
  Failed: `${ENDED} AND n_broken > 0 AND n_success + n_nonzero + n_stopped = 0`,
};
