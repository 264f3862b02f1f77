/** The API's view of a run's output: the first and the last bytes, and how many are missing between or at the cut. */
export type ShownOutput = { readonly bytes: Uint8Array; readonly dropped: number };

/**
 * @param head the first bytes stored, `tail` the last ones; together all of it if `outputBytes` is no more
 * @param outputBytes everything the script printed
 */
export function toShownOutput({
  head,
  tail,
  outputBytes,
}: {
  head: Uint8Array;
  tail: Uint8Array;
  outputBytes: number;
}): ShownOutput {
  const cut = head.length + tail.length < outputBytes;
  const kept = cut ? [head.subarray(0, wholeUntil(head)), tail.subarray(wholeFrom(tail))] : [head, tail];
  const [first, last] = kept as [Uint8Array, Uint8Array];
  const bytes = new Uint8Array(first.length + last.length);
  bytes.set(first);
  bytes.set(last, first.length);
  return { bytes, dropped: outputBytes - bytes.length };
}

/** Where a character that is cut off at the end begins; the length when none is. Bytes that are no UTF-8 are left alone. */
function wholeUntil(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    return back < charBytes(byte) ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Where the first whole character begins: a cut character leaves at most three continuation bytes. */
function wholeFrom(bytes: Uint8Array): number {
  const first = bytes.subarray(0, 4).findIndex((byte) => !isContinuation(byte));
  return Math.max(first, 0);
}

function isContinuation(byte: number): boolean {
  return (byte & 0b1100_0000) === 0b1000_0000;
}

/** Bytes of the character this lead byte begins (RFC 3629); 1 for what cannot begin one. */
function charBytes(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 1;
}
