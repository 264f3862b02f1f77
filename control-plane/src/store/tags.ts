import type { TagPattern, TagQuery } from "@cloud-assistant/shared/api/tag-resources";
import type { TaggedKind } from "../domain/tagged-kind.ts";
import type { Page, Paged, RequestNonce, Scope, Tag } from "./store.ts";

export type Resources = Scope & { readonly kind: TaggedKind; readonly ids: readonly string[] };
export type TaggedFilter = Scope & {
  readonly kind: TaggedKind;
  readonly ids?: readonly string[];
  /** All of them. */
  readonly tags?: readonly TagQuery[];
  readonly patterns?: readonly TagPattern[];
  readonly resourceGroupId?: string;
};
export type TaggedResource = {
  readonly resourceId: string;
  readonly resourceGroupId: string;
  readonly tags: readonly Tag[];
};

export type TagStore = {
  /**
   * Adds the tags to each resource, or gives them their new value.
   * @throws {ApiError} `InvalidResourceId.NotFound`, `TagKey.Duplication` with a tag that is there in other letters, or
   * `OperationDenied.QuotaExceed` beyond `maxTags`; nothing is written then.
   */
  set: (resources: Resources, tags: readonly Tag[], maxTags: number, request: RequestNonce) => Promise<void>;
  /** @param keys undefined: all @throws {ApiError} `InvalidResourceId.NotFound`; nothing is written then. */
  unset: (resources: Resources, keys: readonly string[] | undefined, request: RequestNonce) => Promise<void>;
  /** Resources that have a tag, or are in the asked group, newest first. */
  list: (filter: TaggedFilter, page: Page) => Promise<Paged<TaggedResource>>;
};
