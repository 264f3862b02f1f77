import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import { TAGGED_KINDS, type TaggedKind } from "../domain/tagged-kind.ts";
import type { Scope } from "../store/store.ts";
import type { Resources } from "../store/tags.ts";
import type { Resource } from "./resources.ts";

type Asked = { readonly ResourceType: string; readonly ResourceId: readonly string[] };

/** A host is both an instance and a managed instance; of the documented kinds that are not ours there is nothing. */
export function toKind(resourceType: string): TaggedKind | undefined {
  return resourceType === "managedinstance" ? "instance" : TAGGED_KINDS.find((kind) => kind === resourceType);
}

/** @throws {ApiError} `InvalidResourceId.NotFound` for a kind of which nothing exists here */
export function toResources(scope: Scope, { ResourceType, ResourceId }: Asked): Resources {
  const kind = toKind(ResourceType);
  if (!kind) throw new ApiError("InvalidResourceId.NotFound");
  return { ...scope, kind, ids: ResourceId };
}

/** What a policy is asked about: each of them with the tags it has, or all of the kind where none is named. */
export async function taggedResources(
  { store }: Pick<Context, "store">,
  scope: Scope,
  { ResourceType, ResourceId }: Asked,
): Promise<Resource[]> {
  const kind = toKind(ResourceType);
  const prefix = kind ?? ResourceType;
  if (ResourceId.length === 0) return [{ name: `${prefix}/*` }];
  const ids = [...new Set(ResourceId)];
  const { rows } = kind ? await store.tags.list({ ...scope, kind, ids }, { limit: ids.length }) : { rows: [] };
  const tags = new Map(rows.map((row) => [row.resourceId, row.tags]));
  return ids.map((id) => ({ name: `${prefix}/${id}`, tags: tags.get(id) ?? [] }));
}
