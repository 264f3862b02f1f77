import type { AgentFrame } from "@cloud-assistant/shared/protocol/frames";
import { isInvokeId } from "@cloud-assistant/shared/vocabulary";

/** As the schemas have them; a test compares the two. */
const MAX_FRAME_ID = 128;
const MAX_ACK_IDS = 10_000;
const MAX_EXIT_CODE = 255;

/**
 * The frames of a run that goes as it should (its acknowledgement, start and end by itself), checked by hand: at several a
 * task the schema costs as much as storing what they say.
 * @returns what `AgentFrame` would make of it, or undefined: then `AgentFrame` has to look
 */
export function readHotFrame(json: unknown): AgentFrame | undefined {
  if (!isObject(json)) return undefined;
  const { type } = json;
  if (type === "ack") {
    const { ids } = json;
    if (!Array.isArray(ids) || ids.length > MAX_ACK_IDS || !ids.every(isFrameId)) return undefined;
    return { type, ids };
  }
  if (type !== "started" && type !== "ended") return undefined;
  const { id, invokeId, iteration } = json;
  if (!isFrameId(id) || !isInvokeId(invokeId) || !isWhole(iteration) || iteration < 1) return undefined;
  if (type === "started") {
    const { atMs } = json;
    return isWhole(atMs) ? { type, id, invokeId, iteration, atMs } : undefined;
  }
  const { outputBytes, end } = json;
  if (!isWhole(outputBytes) || !isObject(end)) return undefined;
  const { how, exitCode, startedMs, finishedMs } = end;
  if (how !== "exited" || !isWhole(exitCode) || exitCode > MAX_EXIT_CODE) return undefined;
  if (!isWhole(startedMs) || !isWhole(finishedMs)) return undefined;
  return { type, id, invokeId, iteration, outputBytes, end: { how, exitCode, startedMs, finishedMs } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isFrameId(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_FRAME_ID;
}

/** Not negative, and exact. */
function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
