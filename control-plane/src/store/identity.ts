import type { RequestNonce } from "./store.ts";

export type Account = { readonly accountId: string; readonly accountName: string; readonly createdMs: number };
export type AccountStore = {
  /** With its first key, in one transaction. @returns false when the name is taken. */
  create: (account: Account, key: AccessKey, request: RequestNonce) => Promise<boolean>;
  /** Makes sure that it is there. */
  ensure: (account: Account) => Promise<void>;
  find: (accountId: string) => Promise<Account | undefined>;
  list: () => Promise<Account[]>;
};

export type UserRef = { readonly userId: string; readonly userName: string };
export type User = UserRef & {
  readonly accountId: string;
  readonly displayName: string;
  readonly comments: string;
  readonly createdMs: number;
};
export type UserStore = {
  /** @param limit users an account may have */
  create: (user: User, limit: number, request: RequestNonce) => Promise<"created" | "exists" | "tooMany">;
  find: (accountId: string, userName: string) => Promise<User | undefined>;
  list: (accountId: string) => Promise<User[]>;
  /** With its temporary keys; not while it has permanent ones or policies. */
  remove: (
    accountId: string,
    userName: string,
    request: RequestNonce,
  ) => Promise<"removed" | "unknown" | "hasKeys" | "hasPolicies">;
};

/** `sealedSecret` is AES-256-GCM under the master key, which is never in the database. */
export type AccessKey = {
  readonly accessKeyId: string;
  readonly accountId: string;
  /** Absent: the account itself, which may do everything. */
  readonly user?: UserRef;
  readonly sealedSecret: Uint8Array;
  readonly enabled: boolean;
  readonly createdMs: number;
};
export type KeyOwner = { readonly accountId: string; readonly userId: string | undefined };
/** `last`: the account would have no enabled key of its own left, and nobody could help it. */
export type KeyChange = "done" | "unknown" | "last";
export type AccessKeyStore = {
  insert: (key: AccessKey) => Promise<void>;
  /** @returns false when the owner has `limit` keys already. */
  create: (key: AccessKey, limit: number, request: RequestNonce) => Promise<boolean>;
  find: (accessKeyId: string) => Promise<AccessKey | undefined>;
  list: (owner: KeyOwner) => Promise<AccessKey[]>;
  setEnabled: (owner: KeyOwner, accessKeyId: string, enabled: boolean, request: RequestNonce) => Promise<KeyChange>;
  remove: (owner: KeyOwner, accessKeyId: string, request: RequestNonce) => Promise<KeyChange>;
};

export type TemporaryKey = Omit<AccessKey, "enabled"> & {
  readonly sessionName: string;
  readonly parentKeyId: string;
  /** A policy document that narrows what the key may do. */
  readonly policy?: string;
  readonly expiresMs: number;
};
export type TemporaryKeyStore = {
  /** @returns false when its parent has made `limit` that have not expired when this one is made */
  create: (key: TemporaryKey, limit: number, request: RequestNonce) => Promise<boolean>;
  /** Enabled as long as its parent is there and is. */
  find: (accessKeyId: string) => Promise<(TemporaryKey & { readonly enabled: boolean }) | undefined>;
  deleteExpired: (atMs: number) => Promise<number>;
};

export const POLICY_TYPES = ["Custom", "System"] as const;
export type PolicyType = (typeof POLICY_TYPES)[number];
export type StoredPolicy = {
  readonly accountId: string;
  readonly policyName: string;
  readonly description: string;
  readonly document: string;
  readonly createdMs: number;
  readonly updatedMs: number;
};
export type PolicyRef = { readonly type: PolicyType; readonly name: string };
/** `document` of a custom policy; a system policy's is part of the program. */
export type AttachedPolicy = PolicyRef & { readonly document?: string; readonly attachedMs: number };
export type PolicyStore = {
  /** Creates it or replaces its description and document. */
  put: (policy: StoredPolicy, limit: number, request: RequestNonce) => Promise<"created" | "replaced" | "tooMany">;
  find: (accountId: string, policyName: string) => Promise<StoredPolicy | undefined>;
  list: (accountId: string) => Promise<StoredPolicy[]>;
  remove: (accountId: string, policyName: string, request: RequestNonce) => Promise<"removed" | "unknown" | "attached">;
  /** @param limit policies a user may have */
  attach: (
    user: User,
    policy: PolicyRef,
    atMs: number,
    limit: number,
    request: RequestNonce,
  ) => Promise<"attached" | "already" | "unknown" | "tooMany">;
  /** @returns false when it was not attached. */
  detach: (user: User, policy: PolicyRef, request: RequestNonce) => Promise<boolean>;
  listOf: (userId: string) => Promise<AttachedPolicy[]>;
};
