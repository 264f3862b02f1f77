import type { CommandType, RepeatMode, TerminationMode } from "@cloud-assistant/shared/vocabulary";
import type { Run } from "../domain/run.ts";
import type { KeptCommand } from "./command-store.ts";
import type { Page, Paged, RequestNonce, Scope, StoredRun, Tag } from "./store.ts";

export type Invocation = {
  readonly invokeId: string;
  readonly commandId: string;
  readonly accountId: string;
  readonly regionId: string;
  readonly name: string;
  readonly description: string;
  readonly commandType: CommandType;
  /** The script as given, placeholders and all, decoded. */
  readonly content: Uint8Array;
  /** Custom parameters as given. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly enableParameter: boolean;
  readonly workingDir: string;
  readonly username: string;
  readonly timeoutSeconds: number;
  readonly terminationMode: TerminationMode | "";
  readonly repeatMode: RepeatMode;
  /** Empty unless `Period`. */
  readonly frequency: string;
  /** Empty where there is none: so are the four after it. */
  readonly launcher: string;
  readonly containerId: string;
  readonly containerName: string;
  readonly windowsPasswordName: string;
  readonly ossOutputDelivery: string;
  /** JSON of `SealedValues`: of the parameters its content refers to, sealed to its hosts. Empty where it refers to none. */
  readonly sealedValues: string;
  readonly resourceGroupId: string;
  /** Counts the changes by ModifyInvocationAttribute. */
  readonly revision: number;
  readonly createdMs: number;
  readonly deadlineMs: number;
  readonly tags: readonly Tag[];
};
export type InvocationWithRuns = { readonly invocation: Invocation; readonly runs: readonly StoredRun[] };
export type InvocationFilter = Scope & {
  readonly invokeId?: string;
  readonly commandId?: string;
  readonly commandName?: string;
  readonly commandType?: CommandType;
  readonly instanceId?: string;
  readonly repeatMode?: RepeatMode;
  /** Whether it will run by itself again: repeating, and neither stopped nor over. */
  readonly timed?: boolean;
  readonly resourceGroupIds?: readonly string[];
  /** Overall statuses (api-facts 2.2 and 2.3), kept beside the invocation for filtering only; truth is computed from the runs. */
  readonly invokeStatus?: string;
  readonly tags: readonly Tag[];
};
export type NewInvocation = {
  readonly invocation: Invocation;
  /** Every target with its first state: `Pending`, with `sentMs` where the hub is about to send. */
  readonly targets: readonly NewTarget[];
  /** The command of RunCommand with KeepCommand. */
  readonly keep?: KeptCommand;
  /** InvokeCommand: its command must be there, and counts it. */
  readonly ofKeptCommand?: boolean;
  /** Invocations the account may have in the region on one day (UTC). */
  readonly dailyQuota?: number;
};
export type NewTarget = { readonly instanceId: string; readonly run: Run; readonly sentLedgerId?: string };
/** What ModifyInvocationAttribute changes; `targets` come in addition. */
export type InvocationChanges = {
  readonly content?: { readonly commandId: string; readonly content: Uint8Array };
  readonly enableParameter?: boolean;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly frequency?: string;
  /** Anew for all hosts, as values may have changed and hosts been added. */
  readonly sealedValues: string;
  readonly targets: readonly NewTarget[];
  /** Of the additional runs. */
  readonly createdMs: number;
  readonly deadlineMs: number;
  readonly maxTargets: number;
  readonly keep?: KeptCommand;
};
export type InvocationStore = {
  /**
   * Invocation, runs, command and nonce in one transaction.
   * @throws {ApiError} `CmdCount.ExceedQuota`, `InvalidCmdId.NotFound`, `Invocation.ExceedQuota`
   */
  create: (invocation: NewInvocation, request: RequestNonce) => Promise<void>;
  find: (invokeId: string) => Promise<Invocation | undefined>;
  /**
   * @returns the invocation as it is now
   * @throws {ApiError} `InvalidOperation.InvokeAlreadyFinished`, `InvalidInstanceId.CountLimitExceeded`, `CmdCount.ExceedQuota`
   */
  modify: (invokeId: string, changes: InvocationChanges, request: RequestNonce) => Promise<Invocation>;
  /** Runs of each row complete, unless the filter names an instance: then only that instance's. */
  list: (filter: InvocationFilter, page: Page) => Promise<Paged<InvocationWithRuns>>;
};
