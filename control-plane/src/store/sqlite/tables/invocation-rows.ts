import type { CommandType, RepeatMode } from "@cloud-assistant/shared/vocabulary";
import type { Invocation } from "../../store.ts";
import type { Db } from "../database.ts";
import type { TagRows } from "./tags.ts";

export type InvocationRow = {
  seq: number;
  invoke_id: string;
  command_id: string;
  account_id: string;
  region_id: string;
  name: string;
  description: string;
  command_type: CommandType;
  parameters: string;
  enable_parameter: number;
  working_dir: string;
  username: string;
  timeout_seconds: number;
  termination_mode: Invocation["terminationMode"];
  repeat_mode: RepeatMode;
  created_ms: number;
  deadline_ms: number;
  content: Buffer;
  resource_group_id: string;
  revision: number;
  options: string;
};

/** Few invocations have them, so they share a column; empty ones are left out of it. */
const OPTIONS = [
  "frequency",
  "launcher",
  "containerId",
  "containerName",
  "windowsPasswordName",
  "ossOutputDelivery",
  "sealedValues",
] as const;
type Options = Pick<Invocation, (typeof OPTIONS)[number]>;
const NO_OPTIONS = Object.fromEntries(OPTIONS.map((name) => [name, ""])) as Options;

export type InvocationRows = ReturnType<typeof createInvocationRows>;

export function createInvocationRows(db: Db, tagRows: TagRows) {
  const insert = db.prepare(
    `INSERT INTO invocations (invoke_id, command_id, account_id, region_id, name, description, command_type, parameters,
      enable_parameter, working_dir, username, timeout_seconds, termination_mode, repeat_mode, created_ms, deadline_ms, content,
      resource_group_id, options) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const select = db.prepare<[string], InvocationRow>("SELECT * FROM invocations WHERE invoke_id = ?");
  const selectBySeq = db.prepare<[number], InvocationRow>("SELECT * FROM invocations WHERE seq = ?");
  const update = db.prepare(
    `UPDATE invocations SET command_id = ?, content = ?, parameters = ?, enable_parameter = ?, deadline_ms = ?, options = ?,
      revision = revision + 1 WHERE seq = ?`,
  );

  const toInvocation = (row: InvocationRow): Invocation => ({
    invokeId: row.invoke_id,
    commandId: row.command_id,
    accountId: row.account_id,
    regionId: row.region_id,
    name: row.name,
    description: row.description,
    commandType: row.command_type,
    content: row.content,
    parameters: JSON.parse(row.parameters) as Record<string, string>,
    enableParameter: row.enable_parameter === 1,
    workingDir: row.working_dir,
    username: row.username,
    timeoutSeconds: row.timeout_seconds,
    terminationMode: row.termination_mode,
    repeatMode: row.repeat_mode,
    ...NO_OPTIONS,
    ...(JSON.parse(row.options) as Partial<Options>),
    resourceGroupId: row.resource_group_id,
    revision: row.revision,
    createdMs: row.created_ms,
    deadlineMs: row.deadline_ms,
    tags: tagRows.listOf("invocation", row.seq),
  });

  return {
    toInvocation,
    /** @returns its position. */
    insert: (invocation: Invocation): number => {
      const { invokeId, commandId, accountId, regionId, name, description, commandType, parameters } = invocation;
      const { lastInsertRowid } = insert.run(
        invokeId,
        commandId,
        accountId,
        regionId,
        name,
        description,
        commandType,
        JSON.stringify(parameters),
        Number(invocation.enableParameter),
        invocation.workingDir,
        invocation.username,
        invocation.timeoutSeconds,
        invocation.terminationMode,
        invocation.repeatMode,
        invocation.createdMs,
        invocation.deadlineMs,
        invocation.content,
        invocation.resourceGroupId,
        toOptions(invocation),
      );
      tagRows.insert("invocation", Number(lastInsertRowid), invocation.tags);
      return Number(lastInsertRowid);
    },
    find: (invokeId: string): Invocation | undefined => {
      const row = select.get(invokeId);
      return row && toInvocation(row);
    },
    findRow: (invokeId: string): InvocationRow | undefined => select.get(invokeId),
    /** What ModifyInvocationAttribute may change. */
    update: (seq: number, invocation: Invocation): void => {
      const { commandId, content, parameters, enableParameter, deadlineMs } = invocation;
      const values = [commandId, content, JSON.stringify(parameters), Number(enableParameter), deadlineMs];
      update.run(...values, toOptions(invocation), seq);
    },
    get: (seq: number): Invocation => {
      const row = selectBySeq.get(seq);
      if (!row) throw new Error(`no invocation at position ${seq}`);
      return toInvocation(row);
    },
  };
}

function toOptions(invocation: Options): string {
  const given = OPTIONS.filter((name) => invocation[name] !== "");
  return given.length === 0 ? "{}" : JSON.stringify(Object.fromEntries(given.map((name) => [name, invocation[name]])));
}
