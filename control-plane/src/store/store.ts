import type { HostFacts } from "@cloud-assistant/shared/protocol/frames";
import type { RunKey, RunStatus } from "@cloud-assistant/shared/vocabulary";
import type { Run, RunEvent } from "../domain/run.ts";
import type { CommandStore } from "./command-store.ts";
import type { Invocation, InvocationStore } from "./invocation-store.ts";
import type { RetentionStore } from "./retention-store.ts";
import type { ParameterStore } from "./parameters.ts";
import type { SettingsStore } from "./settings.ts";
import type { TagStore } from "./tags.ts";

export type * from "./command-store.ts";
export type * from "./invocation-store.ts";
import type { AccessKeyStore, AccountStore, PolicyStore, TemporaryKeyStore, UserStore } from "./identity.ts";

/**
 * The truth. Everything is durable when its promise resolves: writes wait for the group commit that holds them.
 * SQLite implements it today; PostgreSQL will implement the same interface, so nothing here may assume one process.
 */
export type Store = {
  readonly accounts: AccountStore;
  readonly users: UserStore;
  readonly accessKeys: AccessKeyStore;
  readonly temporaryKeys: TemporaryKeyStore;
  readonly policies: PolicyStore;
  readonly nonces: NonceStore;
  readonly clientTokens: ClientTokenStore;
  readonly activations: ActivationStore;
  readonly instances: InstanceStore;
  readonly commands: CommandStore;
  readonly invocations: InvocationStore;
  readonly runs: RunStore;
  readonly output: OutputStore;
  readonly retention: RetentionStore;
  readonly settings: SettingsStore;
  readonly tags: TagStore;
  readonly parameters: ParameterStore;
  /**
   * Another number whenever access keys, users or policies are others than before: what was read of them before it is then stale.
   * With several processes it must change with another's writes too.
   */
  identityRevision: () => number;
  close: () => Promise<void>;
};

/** Identifies one signed request; committed together with the mutation it asked for, so that a replay is refused after a crash too. */
export type RequestNonce = {
  readonly accessKeyId: string;
  readonly nonce: string;
  readonly expiresMs: number;
  /** Of a call with a ClientToken, committed with the rest: actions get it from `withClientToken`. */
  readonly kept?: KeptAnswer;
};

export type ClientToken = { readonly accountId: string; readonly action: string; readonly token: string };
/** What a ClientToken's first call was answered, sealed, with the SHA-256 of its parameters (nonce, time and signature left out). */
export type KeptAnswer = ClientToken & {
  readonly parametersHash: string;
  readonly createdMs: number;
  readonly sealedAnswer: Uint8Array;
};
/** A mutation whose token was used meanwhile is rejected and writes nothing; who then asks here finds the first answer. */
export type ClientTokenStore = {
  find: (token: ClientToken) => Promise<KeptAnswer | undefined>;
  /** At most `limit`, oldest first. @returns how many. */
  deleteOlderThan: (createdMs: number, limit: number) => Promise<number>;
};

/** @throws {ApiError} `SignatureNonceUsed` when the nonce is already committed: every mutation below that takes a `RequestNonce`. */
export type NonceStore = {
  /** Unexpired nonces of committed mutations, for the gateway's memory at start. */
  listUnexpired: (atMs: number) => Promise<RequestNonce[]>;
  deleteExpired: (atMs: number) => Promise<number>;
};

export type Tag = { readonly key: string; readonly value: string };

/**
 * A page by keyset. `after` is the position of the last row of the page before (opaque outside the store); `offset` serves
 * the old PageNumber scheme. Newest first.
 */
export type Page = { readonly limit: number; readonly after?: string; readonly offset?: number };
export type Paged<T> = { readonly rows: readonly T[]; readonly total: number; readonly next?: string };

/** Where a list looks: nobody sees another account's rows. */
export type Scope = { readonly accountId: string; readonly regionId: string };

export type Activation = {
  readonly activationId: string;
  readonly accountId: string;
  readonly regionId: string;
  /** The activation code under the master key: it must be recoverable, because it keys the HMAC of a registration. */
  readonly sealedCode: Uint8Array;
  readonly instanceCount: number;
  readonly timeToLiveHours: number;
  readonly description: string;
  readonly instanceName: string;
  readonly ipAddressRange: string;
  readonly disabled: boolean;
  readonly createdMs: number;
  readonly registeredCount: number;
  readonly deregisteredCount: number;
  /** Empty: the default group. */
  readonly resourceGroupId: string;
  readonly tags: readonly Tag[];
};
export type ActivationFilter = Scope & {
  readonly resourceGroupIds?: readonly string[];
  readonly activationId?: string;
  readonly instanceName?: string;
  readonly tags: readonly Tag[];
};
export type ActivationStore = {
  insert: (activation: Activation, request: RequestNonce) => Promise<void>;
  find: (activationId: string) => Promise<Activation | undefined>;
  list: (filter: ActivationFilter, page: Page) => Promise<Paged<Activation>>;
  /** Activations that can still be used: not disabled, not expired. */
  countOpen: (scope: Scope, atMs: number) => Promise<number>;
  /** No new registrations. @throws {ApiError} `ActivationId.NotFound`; nothing is written then. */
  disable: (activationId: string, request: RequestNonce) => Promise<void>;
  /** @throws {ApiError} `ActivationId.InUse` when a host was ever registered with it, or `ActivationId.NotFound`; nothing is written then. */
  remove: (activationId: string, request: RequestNonce) => Promise<void>;
};

export type Instance = {
  readonly instanceId: string;
  /** Of its activation. */
  readonly accountId: string;
  readonly regionId: string;
  readonly activationId: string;
  readonly instanceName: string;
  /** Ed25519 and X25519 public keys, 32 raw bytes in Base64. */
  readonly publicKey: string;
  readonly sealKey: string;
  readonly host: HostFacts;
  /** Address the agent last connected from. */
  readonly internetIp: string;
  readonly registeredMs: number;
  readonly lastSeenMs: number;
  readonly lastInvokedMs?: number;
  readonly invocationCount: number;
  readonly activeCount: number;
  /** Empty: the default group. */
  readonly resourceGroupId: string;
  readonly tags: readonly Tag[];
};
export type InstanceFilter = Scope & {
  readonly resourceGroupIds?: readonly string[];
  readonly instanceIds?: readonly string[];
  readonly activationId?: string;
  readonly instanceName?: string;
  readonly instanceIp?: string;
  readonly machineId?: string;
  readonly osType?: string;
  /** Restrict to (true) or exclude (false) the ids in `connectedIds`; the hub knows them, not the database. */
  readonly connected?: boolean;
  readonly connectedIds?: readonly string[];
  readonly tags: readonly Tag[];
};
/** How a registration went. `exhausted`: InstanceCount registrations were made. `deregistered`: these keys were sent away for good. */
export type RegisterResult = "registered" | "known" | "exhausted" | "disabled" | "expired" | "deregistered";
/** Whoever is deregistered is found by none of these, but by `findDeregistered`. */
export type InstanceStore = {
  /**
   * Registers, counting against the activation, in one transaction. The same public key with the same activation is the
   * same instance: `known`, and the row found is returned. The name is completed by the store when `instanceName` of the
   * activation is a prefix (`<prefix>-001`, as many digits as InstanceCount needs).
   */
  register: (instance: Instance, atMs: number) => Promise<{ result: RegisterResult; instance?: Instance }>;
  find: (instanceId: string) => Promise<Instance | undefined>;
  /** Of those that the account has in the region: all that a command asks of its targets, which may be a thousand. */
  osTypesOf: (scope: Scope, instanceIds: readonly string[]) => Promise<HostFacts["osType"][]>;
  list: (filter: InstanceFilter, page: Page) => Promise<Paged<Instance>>;
  saveSeen: (instanceId: string, seen: { host: HostFacts; internetIp: string; atMs: number }) => Promise<void>;
  /** Many at once, for the heartbeat sweep. */
  saveLastSeen: (instanceIds: readonly string[], atMs: number) => Promise<void>;
  /** @throws {ApiError} `InvalidInstance.NotFound`; nothing is written then. */
  rename: (instanceId: string, instanceName: string, request: RequestNonce) => Promise<void>;
  /**
   * Takes the instance out of every list, counts it at its activation and ends its open runs, in one transaction. The id
   * is never given again. Resolves with the runs that were ended.
   * @throws {ApiError} `InvalidInstance.NotFound` when somebody else was first; nothing is written then.
   */
  deregister: (instanceId: string, atMs: number, request: RequestNonce) => Promise<readonly StoredRun[]>;
  /** What proves that somebody is the host that was sent away. */
  findDeregistered: (instanceId: string) => Promise<Pick<Instance, "publicKey"> | undefined>;
};

export type StoredRun = RunKey & {
  readonly instanceId: string;
  /** Creation order over all runs, for paging. */
  readonly seq: number;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly run: Run;
  readonly revision: number;
  /** Set by the agent's acknowledgement: the run directory is synced there. */
  readonly takenMs?: number;
  /** The ledger of the host when the order left. */
  readonly sentLedgerId?: string;
  /** Bytes of output so far, dropped ones included: the offset at which the next piece begins. */
  readonly outputBytes: number;
};
export type RunFilter = Scope & {
  readonly invokeId?: string;
  readonly commandId?: string;
  readonly instanceId?: string;
  readonly resourceGroupIds?: readonly string[];
  readonly statuses?: readonly RunStatus[];
  /** All runs of each host, not its latest alone: needs an `invokeId`. */
  readonly history?: true;
  readonly tags: readonly Tag[];
};
export type RunRef = RunKey & { readonly instanceId: string };
export type RunStore = {
  find: (ref: RunRef) => Promise<StoredRun | undefined>;
  /** The latest of each host, in the order of their creation. */
  listOf: (invokeId: string) => Promise<StoredRun[]>;
  /** Instance ids of the iteration's runs, in no order. */
  listTargets: (invokeId: string, iteration: number) => Promise<string[]>;
  list: (filter: RunFilter, page: Page) => Promise<Paged<StoredRun & { readonly invocation: Invocation }>>;
  /**
   * The next run of a schedule on a host that has begun it: sent with the one before, which becomes history. Twice is once,
   * and one that comes after a later one is history from the start.
   * @returns what is there then; undefined when the host has no run of the invocation
   */
  insertNext: (ref: RunRef, atMs: number) => Promise<StoredRun | undefined>;
  /** Every run of this instance that is not final, oldest first. */
  listOpenOf: (instanceId: string) => Promise<StoredRun[]>;
  /** Non-final runs whose Pending deadline, or whose bound for an unknown outcome, lies before `atMs`. */
  listOverdue: (atMs: number, outcomeBoundMs: number, limit: number) => Promise<StoredRun[]>;
  /**
   * Applies `nextRun` to what is there now, inside the group commit; resolves after it with the state that holds then.
   * @param afterBytes the event counts only when at least so much of the run's output is stored; else nothing changes
   */
  apply: (ref: RunRef, event: RunEvent, afterBytes?: number) => Promise<StoredRun | undefined>;
  /** StopInvocation: `stopAsked` to all named (or all) runs of the invocation, with the nonce, in one transaction. */
  stop: (
    invokeId: string,
    instanceIds: readonly string[] | undefined,
    atMs: number,
    request: RequestNonce,
  ) => Promise<StoredRun[]>;
  /** `sent` for the run if it is still Pending, with the host's ledger; resolves after the commit with the state that holds then. */
  markSent: (ref: RunRef, ledgerId: string, atMs: number) => Promise<StoredRun | undefined>;
  /** The agent acknowledged the order: its run directory is synced. */
  markTaken: (ref: RunRef, atMs: number) => Promise<void>;
};

export type OutputStore = {
  /**
   * Stores a piece of output if it begins exactly at the offset the run has.
   * @returns the offset the run has now, after the commit: unchanged when the piece did not fit. Undefined: no such run. A run
   * that is over takes no more, as its result may have been read; the answer is then not before the end of the piece, so
   * that its sender lets go of it.
   */
  append: (ref: RunRef, offset: number, bytes: Uint8Array) => Promise<number | undefined>;
  /** Bytes `from`..`to` were dropped on the host; same rule, same answer. */
  appendGap: (ref: RunRef, from: number, to: number) => Promise<number | undefined>;
  /** The first `headBytes` and the last `tailBytes` of what is stored (all, if no more), and the total printed. */
  view: (ref: RunRef, headBytes: number, tailBytes: number) => Promise<OutputView>;
  /** Contiguous bytes from `offset` (at most about `maxBytes`); `gapTo` when the byte at `offset` was dropped. */
  read: (
    ref: RunRef,
    offset: number,
    maxBytes: number,
  ) => Promise<{ bytes: Uint8Array; gapTo?: number; outputBytes: number }>;
};
export type OutputView = { readonly head: Uint8Array; readonly tail: Uint8Array; readonly outputBytes: number };
