import { renderContent } from "@cloud-assistant/shared/placeholders";
import type { StopOrder, TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import type { Context } from "../context.ts";
import type { Invocation } from "../store/store.ts";
import { Lru } from "./lru.ts";
import { runName } from "./session.ts";

/** Invocations under way at a time; at most about 100 KB each. */
const CACHED_ORDERS = 64;
const NEEDS_NAMES = /ACS::InstanceName/i;

export type OrderKind = "task" | "stop";

/** The frame id of a run's order: it says what is acknowledged, and the same order again is the same frame. */
export function orderFrameId(kind: OrderKind, run: RunKey): string {
  return `${kind}:${runName(run)}`;
}

/**
 * Makes the frames of signed orders. A task order covers all targets of its invocation and its bytes follow from what is
 * stored, so one read and one signature serve them all, and a repetition after a restart is the same order.
 */
export class OrderBook {
  readonly #tasks = new Lru<Promise<Buffer>>(CACHED_ORDERS);
  readonly #context: Pick<Context, "store" | "keys" | "config">;

  constructor(context: Pick<Context, "store" | "keys" | "config">) {
    this.#context = context;
  }

  task(run: RunKey): Promise<Buffer> {
    const name = runName(run);
    const known = this.#tasks.get(name);
    if (known) return known;
    const made = this.#makeTask(run);
    this.#tasks.set(name, made);
    made.catch(() => this.#tasks.delete(name)); // the caller hears of it through the same promise
    return made;
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
      expiresMs: invocation.deadlineMs + invocation.timeoutSeconds * 1000 + outcomeUnknownAfterMs,
    };
    return this.#frame("stop", run, order);
  }

  async #makeTask(run: RunKey): Promise<Buffer> {
    const [invocation, runs] = await Promise.all([this.#find(run), this.#context.store.runs.listOf(run.invokeId)]);
    const targets = runs.filter(({ iteration }) => iteration === run.iteration).map(({ instanceId }) => instanceId);
    return this.#frame("task", run, await this.#toOrder(run, invocation, targets.toSorted()));
  }

  async #toOrder({ invokeId, iteration }: RunKey, invocation: Invocation, targets: string[]): Promise<TaskOrder> {
    const { commandType, enableParameter, workingDir, username } = invocation;
    if (commandType !== "RunShellScript") throw new Error(`no order can be made of ${commandType}`);
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
    return Buffer.from(JSON.stringify({ type: "order", id: orderFrameId(kind, run), payload, signature }));
  }
}
