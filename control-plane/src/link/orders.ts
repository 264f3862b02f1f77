import { renderContent } from "@cloud-assistant/shared/placeholders";
import type { Schedule, StopOrder, TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import type { SealedValues } from "@cloud-assistant/shared/protocol/sealed";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import type { Context } from "../context.ts";
import { isRepeating } from "../domain/repeat.ts";
import type { Invocation } from "../store/store.ts";
import type { Committed } from "./hub.ts";
import { Lru } from "./lru.ts";
import { runName, type RunOf } from "./session.ts";
import { textFrames } from "./text-frame.ts";

/** Invocations under way at a time; at most about 60 KB for each hundred targets. */
const CACHED_ORDERS = 64;
/** Targets under one signature: it costs more than the rest of a task, but every one of them is sent the names of all. */
const ORDER_TARGETS = 100;
/** The end of the year 9999: a schedule is open until it is stopped. */
const NEVER_MS = 253_402_300_799_000;
const NEEDS_NAMES = /ACS::InstanceName/i;

export type OrderKind = "task" | "stop";

/** The frame id of a run's order: it says what is acknowledged, and the same order again is the same frame. */
export function orderFrameId(kind: OrderKind, run: RunKey): string {
  return `${kind}:${runName(run)}`;
}

/** By instance; those under the same signature have the same one. */
export type TaskFrames = ReadonlyMap<string, Buffer>;

/**
 * Makes the frames of signed orders. A task order covers up to `ORDER_TARGETS` of its invocation's targets in their sorted
 * order, so its bytes follow from what is stored: one read serves them all, and a repetition after a restart is the same order.
 */
export class OrderBook {
  readonly #tasks = new Lru<Promise<TaskFrames>>(CACHED_ORDERS);
  readonly #context: Pick<Context, "store" | "keys" | "config">;

  constructor(context: Pick<Context, "store" | "keys" | "config">) {
    this.#context = context;
  }

  async task(run: RunOf): Promise<Buffer> {
    const frame = (await this.tasks(run)).get(run.instanceId);
    if (!frame) throw new Error(`${run.instanceId} is no target of ${run.invokeId}`);
    return frame;
  }

  /**
   * Of all runs of the invocation's iteration.
   * @param of what is stored of it, if the caller knows; else it is read
   */
  tasks(run: RunKey, of?: Committed): Promise<TaskFrames> {
    const name = runName(run);
    const known = this.#tasks.get(name);
    if (known) return known;
    const made = this.#makeTasks(run, of);
    this.#tasks.set(name, made);
    made.catch(() => this.#tasks.delete(name)); // the caller hears of it through the same promise
    return made;
  }

  /** Its invocation was changed. */
  forget(run: RunKey): void {
    this.#tasks.delete(runName(run));
  }

  /** Covers only `targets`, as the others may have to go on. */
  async stop(run: RunKey, targets: readonly string[]): Promise<Buffer> {
    const invocation = await this.#find(run);
    const { outcomeUnknownAfterMs } = this.#context.config;
    const order: StopOrder = {
      type: "stop",
      invokeId: run.invokeId,
      iteration: run.iteration,
      targets: targets.toSorted(),
      // as long as the run can be open: a stop must not expire before the run does
      expiresMs: isRepeating(invocation.repeatMode)
        ? NEVER_MS
        : invocation.deadlineMs + invocation.timeoutSeconds * 1000 + outcomeUnknownAfterMs,
    };
    return this.#frame("stop", run, order);
  }

  async #makeTasks(run: RunKey, of: Committed | undefined): Promise<TaskFrames> {
    const invocation = of?.invocation ?? (await this.#find(run));
    const stored = of?.targets ?? (await this.#context.store.runs.listTargets(run.invokeId, run.iteration));
    const targets = stored.toSorted();
    const frames = new Map<string, Buffer>();
    for (let from = 0; from < targets.length; from += ORDER_TARGETS) {
      const covered = targets.slice(from, from + ORDER_TARGETS);
      const frame = this.#frame("task", run, await this.#toOrder(run, invocation, covered));
      for (const instanceId of covered) frames.set(instanceId, frame);
    }
    return frames;
  }

  async #toOrder({ invokeId, iteration }: RunKey, invocation: Invocation, targets: string[]): Promise<TaskOrder> {
    const { commandType, enableParameter, workingDir, username } = invocation;
    const content = enableParameter ? renderContent(invocation.content, invocation.parameters) : invocation.content;
    const needsNames = enableParameter && NEEDS_NAMES.test(Buffer.from(content).toString("latin1"));
    return {
      type: "task",
      invokeId,
      iteration,
      targets,
      expiresMs: invocation.deadlineMs,
      commandType,
      content: Buffer.from(content).toString("base64"),
      enableParameter,
      builtIn: {
        regionId: invocation.regionId,
        accountId: invocation.accountId,
        commandId: invocation.commandId,
        instanceNames: needsNames ? await this.#names(invocation, targets) : {},
      },
      ...(workingDir && { workingDir }),
      ...(username && { username }),
      timeoutSeconds: invocation.timeoutSeconds,
      terminationMode: invocation.terminationMode || "Process",
      ...toExtras(invocation),
      ...(invocation.sealedValues && { sealed: JSON.parse(invocation.sealedValues) as SealedValues }),
    };
  }

  async #names({ accountId, regionId }: Invocation, targets: readonly string[]): Promise<Record<string, string>> {
    const { rows } = await this.#context.store.instances.list(
      { accountId, regionId, instanceIds: targets, tags: [] },
      { limit: targets.length },
    );
    const sorted = rows.toSorted((a, b) => (a.instanceId < b.instanceId ? -1 : 1)); // the bytes must not depend on the query
    return Object.fromEntries(sorted.map(({ instanceId, instanceName }) => [instanceId, instanceName]));
  }

  async #find({ invokeId }: RunKey): Promise<Invocation> {
    const invocation = await this.#context.store.invocations.find(invokeId);
    if (!invocation) throw new Error(`invocation ${invokeId} has runs but no record`);
    return invocation;
  }

  #frame(kind: OrderKind, run: RunKey, order: TaskOrder | StopOrder): Buffer {
    const payload = JSON.stringify(order);
    const signature = this.#context.keys.sign("order", payload);
    return textFrames([JSON.stringify({ type: "order", id: orderFrameId(kind, run), payload, signature })]);
  }
}

/** What few orders have: absent, and not empty, where there is none. */
function toExtras({
  launcher,
  containerId,
  containerName,
  windowsPasswordName,
  repeatMode,
  frequency,
  revision,
}: Invocation): Partial<TaskOrder> {
  return {
    ...(launcher && { launcher }),
    ...((containerId || containerName) && {
      container: { ...(containerId && { id: containerId }), ...(containerName && { name: containerName }) },
    }),
    ...(windowsPasswordName && { windowsPasswordName }),
    ...(isRepeating(repeatMode) && {
      schedule: { repeatMode: repeatMode as Schedule["repeatMode"], ...(frequency && { frequency }), revision },
    }),
  };
}
