/**
 * Whether output may be delivered there.
 * @param allowed `oss://bucket` or `oss://bucket/prefix`: that place and everything below it
 */
export function isDeliveryTarget(target: string, allowed: readonly string[]): boolean {
  if (target.split("/").includes("..")) return false;
  return allowed.some((place) => target === place || target.startsWith(place.endsWith("/") ? place : `${place}/`));
}
