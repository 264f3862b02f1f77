/** Epoch milliseconds with their fraction: for moments that several processes note, `date +%s%N` among them. */
export function wallClockMs(): number {
  return performance.timeOrigin + performance.now();
}
