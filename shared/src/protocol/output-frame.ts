import { isInvokeId } from "../vocabulary.ts";

/** A piece of a run's output: the bytes that stand at `offset` of everything the script printed. */
export type OutputFrame = { invokeId: string; iteration: number; offset: number; bytes: Uint8Array };

const KIND_OUTPUT = 1;
const HEADER_BYTES = 1 + 1 + 4 + 8;

/** Layout: u8 kind = 1, u8 length of the id, u32 iteration, u64 offset (big-endian), id in ASCII, bytes. Since protocol 1. */
export function encodeOutputFrame({ invokeId, iteration, offset, bytes }: OutputFrame): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + invokeId.length + bytes.length);
  const view = new DataView(frame.buffer);
  view.setUint8(0, KIND_OUTPUT);
  view.setUint8(1, invokeId.length);
  view.setUint32(2, iteration);
  view.setBigUint64(6, BigInt(offset));
  for (let i = 0; i < invokeId.length; i++) frame[HEADER_BYTES + i] = invokeId.charCodeAt(i);
  frame.set(bytes, HEADER_BYTES + invokeId.length);
  return frame;
}

/** Returns undefined for anything that is not a well-formed output frame. `bytes` is a view into `frame`. */
export function decodeOutputFrame(frame: Uint8Array): OutputFrame | undefined {
  if (frame.length < HEADER_BYTES || frame[0] !== KIND_OUTPUT) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const bytesAt = HEADER_BYTES + view.getUint8(1);
  if (frame.length < bytesAt) return undefined;
  let invokeId = "";
  for (let at = HEADER_BYTES; at < bytesAt; at++) invokeId += String.fromCharCode(frame[at] ?? 0);
  const iteration = view.getUint32(2);
  const offset = view.getBigUint64(6);
  if (!isInvokeId(invokeId) || iteration < 1 || offset > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return { invokeId, iteration, offset: Number(offset), bytes: frame.subarray(bytesAt) };
}
