import { ApiError } from "@cloud-assistant/shared/errors";
import type { CommandType } from "@cloud-assistant/shared/vocabulary";
import type { Command, CommandChanges, CommandFilter, CommandStore, KeptCommand } from "../../store.ts";
import type { Db } from "../database.ts";
import type { Writer } from "../writer.ts";
import type { Counts } from "./counts.ts";
import { equals, inGroups, inScope, isUnfiltered, matchesEnds, type Condition, type Lister } from "./listing.ts";
import { haveTags, type TagRows } from "./tags.ts";

type Row = {
  seq: number;
  command_id: string;
  account_id: string;
  region_id: string;
  name: string;
  description: string;
  command_type: CommandType;
  enable_parameter: number;
  working_dir: string;
  timeout_seconds: number;
  launcher: string;
  resource_group_id: string;
  created_ms: number;
  content: Buffer;
  invoke_times: number;
};

const SELECT = "c.*, n.invoke_times";
const FROM = "commands AS c JOIN command_counts AS n ON n.command_id = c.command_id";
/** Overall statuses of an invocation that is not over (api-facts 2.2). */
const OPEN = "('Pending', 'Scheduled', 'Running', 'Stopping')";

/** What other tables' transactions do to commands. */
export type CommandRows = {
  /** @throws {ApiError} `CmdCount.ExceedQuota` */
  checkRoom: (kept: KeptCommand) => void;
  insert: (command: Command) => void;
  /** @throws {ApiError} `InvalidCmdId.NotFound` */
  checkExists: (commandId: string) => void;
  countInvocation: (commandId: string) => void;
};

export function createCommandRows(db: Db, counts: Counts, tagRows: TagRows): CommandRows {
  const insert = db.prepare(
    `INSERT INTO commands (command_id, account_id, region_id, name, description, command_type, enable_parameter, working_dir,
      timeout_seconds, launcher, resource_group_id, created_ms, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertCount = db.prepare<[string]>("INSERT INTO command_counts VALUES (?, 0)");
  const exists = db.prepare<[string], number>("SELECT 1 FROM commands WHERE command_id = ?").pluck();
  const countInvocation = db.prepare<[string]>(
    "UPDATE command_counts SET invoke_times = invoke_times + 1 WHERE command_id = ?",
  );
  return {
    checkRoom: ({ command, quota }) => {
      if (counts.totalWithin("commands", command) >= quota)
        throw new ApiError("CmdCount.ExceedQuota", { values: [quota] });
    },
    insert: (command) => {
      const { lastInsertRowid } = insert.run(
        command.commandId,
        command.accountId,
        command.regionId,
        command.name,
        command.description,
        command.commandType,
        Number(command.enableParameter),
        command.workingDir,
        command.timeoutSeconds,
        command.launcher,
        command.resourceGroupId,
        command.createdMs,
        command.content,
      );
      insertCount.run(command.commandId);
      tagRows.insert("command", Number(lastInsertRowid), command.tags);
      counts.created("commands", command, 1);
    },
    checkExists: (commandId) => {
      if (exists.get(commandId) === undefined) throw new ApiError("InvalidCmdId.NotFound");
    },
    countInvocation: (commandId) => void countInvocation.run(commandId),
  };
}

type Parts = { counts: Counts; rows: CommandRows; tagRows: TagRows; list: Lister };

export function createCommands(db: Db, { mutate }: Writer, { counts, rows, tagRows, list }: Parts): CommandStore {
  const select = db.prepare<[string], Row>(`SELECT ${SELECT} FROM ${FROM} WHERE c.command_id = ?`);
  const update = db.prepare(
    "UPDATE commands SET name = ?, description = ?, working_dir = ?, timeout_seconds = ?, launcher = ? WHERE command_id = ?",
  );
  const remove = db.prepare<[string]>("DELETE FROM commands WHERE command_id = ?");
  // few invocations are open at a time, while a command may have many
  const isInUse = db
    .prepare<[string], number>(
      `SELECT 1 FROM invocation_progress AS p CROSS JOIN invocations AS i ON i.seq = p.invocation_seq
        WHERE p.status IN ${OPEN} AND i.command_id = ? LIMIT 1`,
    )
    .pluck();

  const toCommand = (row: Row): Command => ({
    commandId: row.command_id,
    accountId: row.account_id,
    regionId: row.region_id,
    name: row.name,
    description: row.description,
    commandType: row.command_type,
    content: row.content,
    enableParameter: row.enable_parameter === 1,
    workingDir: row.working_dir,
    timeoutSeconds: row.timeout_seconds,
    launcher: row.launcher,
    resourceGroupId: row.resource_group_id,
    createdMs: row.created_ms,
    invokeTimes: row.invoke_times,
    tags: tagRows.listOf("command", row.seq),
  });

  return {
    insert: (kept, request) =>
      mutate(
        request,
        () => rows.insert(kept.command),
        () => rows.checkRoom(kept),
      ),
    find: async (commandId) => {
      const row = select.get(commandId);
      return row && toCommand(row);
    },
    list: async (filter, page) =>
      list({
        select: SELECT,
        from: FROM,
        order: ["c.seq"],
        conditions: toConditions(filter),
        page,
        total: isUnfiltered(filter) ? counts.total("commands", filter) : undefined,
        toRow: toCommand,
      }),
    modify: (commandId, changes, request) =>
      mutate(
        request,
        () => {
          const row = select.get(commandId) as Row;
          const { name, description, workingDir, timeoutSeconds, launcher } = { ...toCommand(row), ...given(changes) };
          update.run(name, description, workingDir, timeoutSeconds, launcher, commandId);
        },
        () => rows.checkExists(commandId),
      ),
    remove: (commandId, request) =>
      mutate(
        request,
        () => {
          const { seq, account_id: accountId, region_id: regionId } = select.get(commandId) as Row;
          remove.run(commandId);
          tagRows.removeAll("command", seq);
          counts.created("commands", { accountId, regionId }, -1);
        },
        () => {
          rows.checkExists(commandId);
          if (isInUse.get(commandId) !== undefined) throw new ApiError("InvalidStatus.CmdIdInUse");
        },
      ),
  };
}

function given(changes: CommandChanges): CommandChanges {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as CommandChanges;
}

/** Name and description take `*` at either end (DescribeCommands, Name). */
function toConditions(filter: CommandFilter): Condition[] {
  const { commandId, name, description, commandType, resourceGroupIds, tags } = filter;
  return [
    ...inScope("c", filter, isUnfiltered(filter)),
    ...equals({
      "c.command_id": commandId,
      "c.command_type": commandType,
    }),
    ...inGroups("c.resource_group_id", resourceGroupIds),
    ...(name === undefined ? [] : [matchesEnds("c.name", name)]),
    ...(description === undefined ? [] : [matchesEnds("c.description", description)]),
    ...haveTags("command", "c.seq", tags),
  ];
}
