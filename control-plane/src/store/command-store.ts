import type { CommandType } from "@cloud-assistant/shared/vocabulary";
import type { Page, Paged, RequestNonce, Scope, Tag } from "./store.ts";

/** A kept command. */
export type Command = {
  readonly commandId: string;
  readonly accountId: string;
  readonly regionId: string;
  readonly name: string;
  readonly description: string;
  readonly commandType: CommandType;
  /** Decoded. */
  readonly content: Uint8Array;
  readonly enableParameter: boolean;
  readonly workingDir: string;
  readonly timeoutSeconds: number;
  readonly launcher: string;
  readonly resourceGroupId: string;
  readonly createdMs: number;
  /** Invocations that used it. */
  readonly invokeTimes: number;
  readonly tags: readonly Tag[];
};
export type CommandFilter = Scope & {
  readonly commandId?: string;
  /** `*` at either end stands for any characters; so it does in `description`. */
  readonly name?: string;
  readonly description?: string;
  readonly commandType?: CommandType;
  readonly resourceGroupIds?: readonly string[];
  readonly tags: readonly Tag[];
};
export type CommandChanges = {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly workingDir?: string | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly launcher?: string | undefined;
};
/** A command to keep, while its account has fewer than `quota` in its region. */
export type KeptCommand = { readonly command: Command; readonly quota: number };
/** @throws {ApiError} `InvalidCmdId.NotFound` from `modify` and `remove`. */
export type CommandStore = {
  /** @throws {ApiError} `CmdCount.ExceedQuota` */
  insert: (kept: KeptCommand, request: RequestNonce) => Promise<void>;
  find: (commandId: string) => Promise<Command | undefined>;
  list: (filter: CommandFilter, page: Page) => Promise<Paged<Command>>;
  modify: (commandId: string, changes: CommandChanges, request: RequestNonce) => Promise<void>;
  /** @throws {ApiError} `InvalidStatus.CmdIdInUse` while one of its invocations is not over. */
  remove: (commandId: string, request: RequestNonce) => Promise<void>;
};
