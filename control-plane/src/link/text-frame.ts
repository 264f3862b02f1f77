/** Final fragment, text (RFC 6455, 5.2). */
const FINAL_TEXT = 0x81;
/** Up to here the length stands in the second byte; beyond it in the two, or eight, bytes that follow. */
const MAX_SHORT = 125;
const MAX_MEDIUM = 0xffff;

/**
 * A message as the bytes of its one WebSocket frame, unmasked as a server's are. Frames made so leave in one write, several
 * of them too, and one frame serves all targets of an order; `ws` would make the same bytes anew for each.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerBytes = length <= MAX_SHORT ? 2 : length <= MAX_MEDIUM ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerBytes + length);
  frame[0] = FINAL_TEXT;
  if (length <= MAX_SHORT) frame[1] = length;
  else if (length <= MAX_MEDIUM) {
    frame[1] = MAX_SHORT + 1;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = MAX_SHORT + 2;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headerBytes);
  return frame;
}
