import { ApiError } from "@cloud-assistant/shared/errors";

/**
 * Resource groups are named by the configuration; the first is the default one, where everything is that names none (stored
 * as an empty text).
 * @throws {ApiError} `InvalidResourceGroup.NotFound` for a group that is not configured
 */
export function checkResourceGroup(resourceGroupId: string | undefined, configured: readonly string[]): string {
  if (!resourceGroupId) return "";
  if (!configured.includes(resourceGroupId)) throw new ApiError("InvalidResourceGroup.NotFound");
  return resourceGroupId;
}

export function isDefaultGroup(resourceGroupId: string, [byDefault]: readonly string[]): boolean {
  return resourceGroupId === byDefault || resourceGroupId === "";
}

/** Stored groups that a filter by this one matches; undefined: no filter. An unknown group matches nothing. */
export function groupFilter(
  resourceGroupId: string | undefined,
  configured: readonly string[],
): readonly string[] | undefined {
  if (!resourceGroupId) return undefined;
  return isDefaultGroup(resourceGroupId, configured) ? [resourceGroupId, ""] : [resourceGroupId];
}

/**
 * Whether all of these may be used with the group a call names.
 * @throws {ApiError} `InvalidInstance.NotFound`: in the eyes of the call, a host of another group is not there
 */
export function checkMembers(
  resourceGroupId: string | undefined,
  members: readonly { readonly resourceGroupId: string }[],
  configured: readonly string[],
): void {
  const stored = groupFilter(resourceGroupId, configured);
  if (stored && members.some((member) => !stored.includes(member.resourceGroupId)))
    throw new ApiError("InvalidInstance.NotFound");
}
