import type { CommandType, RepeatMode, TerminationMode } from "@cloud-assistant/shared/vocabulary";
import type { Invocation, NewInvocation, Tag } from "../store.ts";
import { addToCounter } from "./counters.ts";
import { countRuns } from "./run-rows.ts";
import type { Row, Statements } from "./statements.ts";
import { insertTags } from "./tags.ts";

export function findInvocation(sql: Statements, invokeId: string): Invocation | undefined {
  const row = sql.row("SELECT * FROM invocations WHERE invoke_id = ?", invokeId);
  return row && toInvocation(row);
}

export function toInvocation(row: Row): Invocation {
  return {
    invokeId: String(row["invoke_id"]),
    commandId: String(row["command_id"]),
    accountId: String(row["account_id"]),
    regionId: String(row["region_id"]),
    name: String(row["name"]),
    description: String(row["description"]),
    commandType: row["command_type"] as CommandType,
    content: row["content"] as Uint8Array,
    parameters: JSON.parse(String(row["parameters"])) as Record<string, string>,
    enableParameter: row["enable_parameter"] === 1,
    workingDir: String(row["working_dir"]),
    username: String(row["username"]),
    timeoutSeconds: Number(row["timeout_seconds"]),
    terminationMode: row["termination_mode"] as TerminationMode | "",
    repeatMode: row["repeat_mode"] as RepeatMode,
    createdMs: Number(row["created_ms"]),
    deadlineMs: Number(row["deadline_ms"]),
    tags: JSON.parse(String(row["tags"])) as Tag[],
  };
}

export function insertInvocation(sql: Statements, { invocation, targets }: NewInvocation): void {
  sql.run(
    `INSERT INTO invocations (invoke_id, command_id, account_id, region_id, name, description, command_type, content,
       parameters, enable_parameter, working_dir, username, timeout_seconds, termination_mode, repeat_mode, created_ms,
       deadline_ms, tags)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    invocation.invokeId,
    invocation.commandId,
    invocation.accountId,
    invocation.regionId,
    invocation.name,
    invocation.description,
    invocation.commandType,
    invocation.content,
    JSON.stringify(invocation.parameters),
    Number(invocation.enableParameter),
    invocation.workingDir,
    invocation.username,
    invocation.timeoutSeconds,
    invocation.terminationMode,
    invocation.repeatMode,
    invocation.createdMs,
    invocation.deadlineMs,
    JSON.stringify(invocation.tags),
  );
  insertTags(sql, "invocation", invocation.invokeId, invocation.tags);
  insertTargets(sql, invocation, targets);
  addToCounter(sql, `invocations:${invocation.regionId}`, 1);
  addToCounter(sql, `runs:${invocation.regionId}`, targets.length);
}

function insertTargets(sql: Statements, invocation: Invocation, targets: NewInvocation["targets"]): void {
  for (const { instanceId, run, sentLedgerId } of targets) {
    sql.run(
      `INSERT INTO runs (invoke_id, instance_id, iteration, status, state, final, sent, revision, created_ms, updated_ms,
         deadline_ms, timeout_ms, sent_ledger_id)
       VALUES (?, ?, 1, ?, ?, 0, ?, 0, ?, ?, ?, ?, ?)`,
      invocation.invokeId,
      instanceId,
      run.status,
      JSON.stringify(run),
      Number("sentMs" in run && run.sentMs !== undefined),
      invocation.createdMs,
      invocation.createdMs,
      invocation.deadlineMs,
      invocation.timeoutSeconds * 1000,
      sentLedgerId ?? null,
    );
  }
  countRuns(sql, invocation.invokeId, "Pending", targets.length);
}
