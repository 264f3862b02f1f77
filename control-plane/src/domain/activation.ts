import { BlockList, isIP } from "node:net";

const HOUR_MS = 3_600_000;

/** When the code stops working, epoch milliseconds. */
export function expiresMs({
  createdMs,
  timeToLiveHours,
}: {
  readonly createdMs: number;
  readonly timeToLiveHours: number;
}): number {
  return createdMs + timeToLiveHours * HOUR_MS;
}

type Usable = {
  readonly createdMs: number;
  readonly timeToLiveHours: number;
  readonly disabled: boolean;
  readonly ipAddressRange: string;
};

/**
 * Whether a host at `address` may register with the activation now. The count is judged where it is kept, in the
 * transaction that registers; a host that is registered already may repeat itself when the count is used up.
 */
export function mayRegister(activation: Usable, address: string, atMs: number): boolean {
  return !activation.disabled && atMs < expiresMs(activation) && inRange(activation.ipAddressRange, address);
}

/** Whether `address` is the address, or in the CIDR block, of `range`. Empty: everywhere. A range that is neither allows nobody. */
export function inRange(range: string, address: string): boolean {
  if (range === "") return true;
  const list = parseRange(range);
  const family = isIP(address);
  return list !== undefined && family !== 0 && list.check(address, family === 4 ? "ipv4" : "ipv6");
}

/** @returns undefined for what is neither an IP address nor a CIDR block. */
export function parseRange(range: string): BlockList | undefined {
  const [address = "", prefixText, ...more] = range.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return undefined;
  const bits = family === 4 ? 32 : 128;
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (prefix > bits) return undefined;
  const list = new BlockList();
  list.addSubnet(address, prefix, family === 4 ? "ipv4" : "ipv6");
  return list;
}
