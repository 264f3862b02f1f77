/** Final fragment, text (RFC 6455, 5.2). */
const FINAL_TEXT = 0x81;
/** Up to here the length stands in the second byte; beyond it in the two, or eight, bytes that follow. */
const MAX_SHORT = 125;
const MAX_MEDIUM = 0xffff;
const MAX_HEADER_BYTES = 10;

/**
 * Messages as the bytes of one WebSocket frame each, unmasked as a server's are. So they leave in one write of one buffer,
 * and an order's buffer serves all its targets; `ws` would make header and buffer anew for each.
 */
export function textFrames(texts: readonly string[]): Buffer {
  let bytes = 0;
  for (const text of texts) bytes += MAX_HEADER_BYTES + Buffer.byteLength(text);
  const frames = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const text of texts) {
    at = writeHeader(frames, at, Buffer.byteLength(text));
    at += frames.write(text, at);
  }
  return frames.subarray(0, at);
}

/** @returns where the message begins. */
function writeHeader(frames: Buffer, at: number, length: number): number {
  frames[at] = FINAL_TEXT;
  if (length <= MAX_SHORT) {
    frames[at + 1] = length;
    return at + 2;
  }
  if (length <= MAX_MEDIUM) {
    frames[at + 1] = MAX_SHORT + 1;
    return frames.writeUInt16BE(length, at + 2);
  }
  frames[at + 1] = MAX_SHORT + 2;
  return frames.writeBigUInt64BE(BigInt(length), at + 2);
}
