import { ApiError } from "@cloud-assistant/shared/errors";

/** @throws {ApiError} `InvalidResourceGroup.NotFound`: there are none yet. */
export async function checkResourceGroup(resourceGroupId: string | undefined): Promise<void> {
  if (resourceGroupId !== undefined) throw new ApiError("InvalidResourceGroup.NotFound");
}
