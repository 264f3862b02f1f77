import { ApiError } from "@cloud-assistant/shared/errors";
import { TAGGED_KINDS, type TaggedKind } from "../domain/tagged-kind.ts";
import type { Resources } from "../store/tags.ts";

/** A host is both an instance and a managed instance; of the documented kinds that are not ours there is nothing. */
export function toKind(resourceType: string): TaggedKind | undefined {
  return resourceType === "managedinstance" ? "instance" : TAGGED_KINDS.find((kind) => kind === resourceType);
}

/** @throws {ApiError} `InvalidResourceId.NotFound` for a kind of which nothing exists here */
export function toResources(input: { readonly RegionId: string; readonly ResourceType: string; readonly ResourceId: readonly string[] }): Resources {
  const kind = toKind(input.ResourceType);
  if (!kind) throw new ApiError("InvalidResourceId.NotFound");
  return { regionId: input.RegionId, kind, ids: input.ResourceId };
}
