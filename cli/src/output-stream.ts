import type { OutputLine } from "@cloud-assistant/shared/api/invocations";
import { reconnectDelayMs } from "@cloud-assistant/shared/backoff";
import { setTimeout as pause } from "node:timers/promises";
import type { Client, Parameters } from "./client.ts";
import { ApiFailure, CliFailure, UnreachableFailure } from "./failure.ts";

/** A cut stream is opened again soon: somebody is watching. */
const REOPEN = { baseMs: 250, capMs: 5_000 };

export type StatusLine = Extract<OutputLine, { readonly Ended: boolean }>;
/** A piece that was not given before, a hole of dropped bytes, or how a run stands. */
export type OutputEvent =
  | { readonly type: "data"; readonly instanceId: string; readonly bytes: Buffer }
  | { readonly type: "gap"; readonly instanceId: string; readonly bytes: number }
  | { readonly type: "status"; readonly instanceId: string; readonly line: StatusLine };

/** Where each host's output stands; turns what a stream says, again from its beginning if need be, into what is new. */
export class OutputProgress {
  readonly #offsets = new Map<string, number>();
  readonly #ended = new Set<string>();

  next(line: OutputLine): OutputEvent | undefined {
    const instanceId = line.InstanceId;
    if ("Ended" in line) {
      if (this.#ended.has(instanceId)) return undefined;
      if (line.Ended) this.#ended.add(instanceId);
      return { type: "status", instanceId, line };
    }
    const bytes = "Data" in line ? Buffer.from(line.Data, "base64") : undefined;
    const seen = this.offsetOf(instanceId);
    const end = bytes ? line.Offset + bytes.length : "GapTo" in line ? line.GapTo : line.Offset;
    if (line.Offset > seen)
      throw new CliFailure(
        `the control plane skipped from byte ${seen} to ${line.Offset} of the output of ${instanceId}`,
      );
    if (end <= seen) return undefined;
    this.#offsets.set(instanceId, end);
    return bytes
      ? { type: "data", instanceId, bytes: bytes.subarray(seen - line.Offset) }
      : { type: "gap", instanceId, bytes: end - seen };
  }

  offsetOf(instanceId: string): number {
    return this.#offsets.get(instanceId) ?? 0;
  }

  hasEnded(instanceId: string): boolean {
    return this.#ended.has(instanceId);
  }
}

/**
 * Everything the named hosts print, each byte once and in order, until all have ended (with `follow`) or up to now. A
 * stream that breaks is opened again where it was.
 * @param onCut told when it broke, and why
 */
export async function* followOutput(
  client: Client,
  asked: { readonly invokeId: string; readonly instanceIds: readonly string[]; readonly follow: boolean },
  signal: AbortSignal,
  onCut: (reason: string) => void,
): AsyncGenerator<OutputEvent> {
  const progress = new OutputProgress();
  let failures = 0;
  while (!signal.aborted) {
    const open = asked.instanceIds.filter((id) => !progress.hasEnded(id));
    if (open.length === 0) return;
    try {
      for await (const text of client.lines("StreamInvocationOutput", toParameters(asked, open, progress), signal)) {
        failures = 0;
        const event = progress.next(JSON.parse(text) as OutputLine);
        if (event) yield event;
      }
      if (!asked.follow || signal.aborted) return;
      failures += 1;
    } catch (error) {
      if (signal.aborted) return;
      if (!isPassing(error)) throw error;
      failures += 1;
      onCut(error.message);
    }
    if (asked.instanceIds.some((id) => !progress.hasEnded(id))) {
      await pause(reconnectDelayMs(failures, Math.random(), REOPEN), undefined, { signal }).catch(() => undefined);
    }
  }
}

function toParameters(
  { invokeId, follow }: { invokeId: string; follow: boolean },
  open: readonly string[],
  progress: OutputProgress,
): Parameters {
  const [first = ""] = open;
  const offset = open.length === 1 ? progress.offsetOf(first) : 0;
  return { InvokeId: invokeId, InstanceId: open, Follow: follow, Offset: offset > 0 ? offset : undefined };
}

/** Worth opening the stream again: the connection, or a server in trouble; never a refusal. */
function isPassing(error: unknown): error is CliFailure {
  return error instanceof UnreachableFailure || (error instanceof ApiFailure && error.httpStatus >= 500);
}
