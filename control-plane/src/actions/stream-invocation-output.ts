import { StreamInvocationOutputInput, type OutputLine } from "@cloud-assistant/shared/api/invocations";
import { ApiError } from "@cloud-assistant/shared/errors";
import { OUTPUT_CHUNK_BYTES } from "@cloud-assistant/shared/limits";
import type { Context } from "../context.ts";
import { isFinalRun } from "../domain/run.ts";
import type { StoredRun } from "../store/store.ts";
import { defineAction, LineStream } from "./action.ts";
import { invocationResources } from "./resources.ts";
import { findInvocation, toScope } from "./scope.ts";
import { pause, Waker } from "./waker.ts";

/** A hint may be lost, so the store is read again after this long anyway, milliseconds; an empty line then keeps proxies from cutting an idle answer. */
const RECHECK_MS = 10_000;
/** A fleet's output moves all the time: between two looks, a millisecond for each run still open, but no longer than this. */
const MAX_PACE_MS = 200;

/** Ours: everything a script prints, byte-exact, as it comes. Lines are `OutputLine`s; empty ones keep the connection alive. */
export const streamInvocationOutput = defineAction({
  name: "StreamInvocationOutput",
  input: StreamInvocationOutputInput,
  mutates: false,
  permission: "ecs:DescribeInvocationResults", // the same output, whole
  resources: async (context, input, call) => {
    const { instances, command } = await invocationResources(context, toScope(call, input.RegionId), input);
    return { resources: [...instances, command] };
  },
  run: async (context, { RegionId, InvokeId, InstanceId, Follow, Offset }, call) => {
    await findInvocation(context, toScope(call, RegionId), InvokeId);
    const runs = await context.store.runs.listOf(InvokeId);
    const wanted = InstanceId.length === 0 ? runs : runs.filter(({ instanceId }) => InstanceId.includes(instanceId));
    if (wanted.length < InstanceId.length) throw new ApiError("InvalidInstanceId.NotFound");
    const offsets = new Map(wanted.map((run) => [run.instanceId, Offset ?? 0]));
    return new LineStream((signal) => follow(context, InvokeId, offsets, Follow, signal));
  },
});

/** @param open instances whose end was not told yet, with the offset of the next byte to tell */
async function* follow(
  context: Context,
  invokeId: string,
  open: Map<string, number>,
  on: boolean,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { store, outputBus, clock } = context;
  const waker = new Waker();
  const unsubscribe = outputBus.subscribe(invokeId, waker.wake);
  try {
    yield "\n"; // the headers leave with the first bytes, and a caller that follows must not wait for the script's
    while (!signal.aborted) {
      // the states first: a run seen as final had all of its output stored before
      for (const run of await store.runs.listOf(invokeId)) {
        if (open.has(run.instanceId)) yield* tell(context, run, open, on, signal);
        if (signal.aborted) return;
      }
      if (!on || open.size === 0) return;
      await pause(Math.min(open.size, MAX_PACE_MS), signal, clock);
      if (!(await waker.wait(RECHECK_MS, signal, clock))) yield "\n";
    }
  } finally {
    unsubscribe();
  }
}

async function* tell(
  { store }: Context,
  stored: StoredRun,
  open: Map<string, number>,
  on: boolean,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { instanceId } = stored;
  let offset = open.get(instanceId) ?? 0;
  while (offset < stored.outputBytes && !signal.aborted) {
    const { bytes, gapTo } = await store.output.read(stored, offset, OUTPUT_CHUNK_BYTES);
    if (bytes.length > 0) {
      yield toLine({ InstanceId: instanceId, Offset: offset, Data: Buffer.from(bytes).toString("base64") });
      offset += bytes.length;
    } else if (gapTo !== undefined && gapTo > offset) {
      yield toLine({ InstanceId: instanceId, Offset: offset, GapTo: gapTo });
      offset = gapTo;
    } else {
      throw new Error("the store has neither the bytes nor a gap below the offset of a run");
    }
    open.set(instanceId, offset);
  }
  const final = isFinalRun(stored.run);
  if (final) open.delete(instanceId);
  if ((final || !on) && !signal.aborted) yield toLine(toStatusLine(stored, final));
}

function toStatusLine({ instanceId, run, outputBytes }: StoredRun, final: boolean): OutputLine {
  const outcome = isFinalRun(run) ? run : undefined;
  return {
    InstanceId: instanceId,
    InvocationStatus: run.status,
    ...(outcome?.exitCode !== undefined && { ExitCode: outcome.exitCode }),
    ErrorCode: outcome?.errorCode ?? "",
    ErrorInfo: outcome?.errorInfo ?? "",
    OutputBytes: outputBytes,
    Ended: final,
  };
}

function toLine(line: OutputLine): string {
  return `${JSON.stringify(line)}\n`;
}
