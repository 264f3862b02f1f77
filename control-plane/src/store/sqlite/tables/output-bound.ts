import type { Extent } from "./output-pieces.ts";

/** Up to this size pieces grow together, bytes: output that comes byte by byte must not cost a row for each. */
export const SMALL_BYTES = 4096;

/** Whether `length` bytes from `start` may be added to the piece `last`. Pure. */
export function isJoinable(last: Extent, start: number, length: number, maxBytes: number): boolean {
  const isNext = last.start + last.length === start;
  // what gives way goes a piece at a time, so a piece is a small part of the bound
  const isSmall = last.length + length <= Math.min(SMALL_BYTES, maxBytes / 64);
  return isNext && isSmall && start !== headEndOf(maxBytes);
}

/**
 * Which parts of a new piece of output to keep, and where older ones give way: at or after `keepAfter`, oldest first,
 * until all fits. Pure.
 *
 * The first quarter of the bound is for the head and is never given up; the rest is for the newest output. A piece that
 * crosses from one to the other is cut there, so that what gives way is always whole.
 */
export function planPiece(offset: number, length: number, maxBytes: number): { kept: Extent[]; keepAfter: number } {
  const headEnd = headEndOf(maxBytes);
  const tailMax = maxBytes - headEnd;
  const end = offset + length;
  const inHead: Extent = { start: offset, length: Math.max(0, Math.min(end, headEnd) - offset) };
  const tailStart = Math.max(offset, headEnd, end - tailMax);
  const inTail: Extent = { start: tailStart, length: Math.max(0, end - tailStart) };
  return { kept: [inHead, inTail].filter(({ length: bytes }) => bytes > 0), keepAfter: headEnd };
}

function headEndOf(maxBytes: number): number {
  return Math.floor(maxBytes / 4);
}
