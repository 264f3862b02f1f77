import type { RequestNonce, Tag } from "./store.ts";

export type ParameterKey = {
  readonly accountId: string;
  readonly regionId: string;
  readonly secret: boolean;
  readonly name: string;
};
export type Parameter = ParameterKey & {
  readonly parameterId: string;
  readonly type: "String" | "StringList" | "Secret";
  readonly description: string;
  /** JSON text, or empty. */
  readonly constraints: string;
  readonly resourceGroupId: string;
  /** Of a key service; kept and told, the master key is what encrypts here. */
  readonly keyId: string;
  readonly createdBy: string;
  readonly createdMs: number;
  readonly version: number;
  readonly updatedBy: string;
  readonly updatedMs: number;
  readonly tags: readonly Tag[];
};
/** A value under the master key, and who wrote it when. */
export type ParameterVersion = {
  readonly version: number;
  readonly sealedValue: Uint8Array;
  readonly updatedBy: string;
  readonly updatedMs: number;
};

export type ParameterChanges = {
  readonly description?: string;
  readonly resourceGroupId?: string;
  readonly tags?: readonly Tag[];
  /** Makes the next version. */
  readonly sealedValue?: Uint8Array;
  readonly updatedBy: string;
  readonly updatedMs: number;
};
export type ParameterFilter = Omit<ParameterKey, "name"> & {
  /** Somewhere in the name. */
  readonly namePart?: string;
  readonly type?: string;
  /** `/a/` and, unless recursive, nothing deeper. */
  readonly path?: string;
  readonly recursive?: boolean;
  readonly resourceGroupIds?: readonly string[];
  readonly tags: readonly Tag[];
};
export type ParameterPage = {
  readonly sortField: "name" | "createdMs";
  readonly ascending: boolean;
  readonly limit: number;
  /** Position of the last row of the page before: its name and its place. */
  readonly after?: { readonly name: string; readonly seq: number };
};

export type ParameterStore = {
  /** @throws {ApiError} `EntityAlreadyExists.Parameter`; nothing is written then. */
  insert: (parameter: Parameter, sealedValue: Uint8Array, request: RequestNonce) => Promise<void>;
  /** Keeps the newest `maxVersions`. @throws {ApiError} `EntityNotExists.Parameter`; nothing is written then. */
  update: (
    key: ParameterKey,
    changes: ParameterChanges,
    maxVersions: number,
    request: RequestNonce,
  ) => Promise<Parameter>;
  /** @throws {ApiError} `EntityNotExists.Parameter`; nothing is written then. */
  remove: (key: ParameterKey, request: RequestNonce) => Promise<void>;
  find: (key: ParameterKey) => Promise<Parameter | undefined>;
  /** @param version undefined: the newest */
  findVersion: (parameterId: string, version?: number) => Promise<ParameterVersion | undefined>;
  list: (
    filter: ParameterFilter,
    page: ParameterPage,
  ) => Promise<{ readonly rows: readonly Parameter[]; readonly total: number; readonly next?: ParameterPage["after"] }>;
};
