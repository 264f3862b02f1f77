import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@cloud-assistant/agent/clock";
import type { Engine, Uplink } from "@cloud-assistant/agent/engine";
import { openEngine, type EngineOptions } from "@cloud-assistant/agent/run-engine";
import type { AgentFrame, WelcomePayload } from "@cloud-assistant/shared/protocol/frames";
import type { StopOrder, TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import type { OutputFrame } from "@cloud-assistant/shared/protocol/output-frame";
import type { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import { pino, type Logger } from "pino";
import { waitFor } from "../support/wait-for.ts";

export const INSTANCE_ID = "mi-test";
const FAR_MS = 3_600_000;

/** A place for a test and a state directory in it, that scripts of other users can pass through. */
export function makeStateDir(): { readonly base: string; readonly path: string; readonly remove: () => void } {
  const base = mkdtempSync(join(tmpdir(), "agent-engine-"));
  chmodSync(base, 0o711);
  return { base, path: join(base, "state"), remove: () => rmSync(base, { recursive: true, force: true }) };
}

let count = 0;
/** An order to run `script` under /bin/sh as root. */
export function taskOf(script: string, more: Partial<TaskOrder> = {}): TaskOrder {
  return {
    type: "task",
    invokeId: `t-${process.pid.toString(36)}x${(count++).toString(36)}`,
    iteration: 1,
    targets: [INSTANCE_ID],
    expiresMs: Date.now() + FAR_MS,
    commandType: "RunShellScript",
    content: Buffer.from(script).toString("base64"),
    enableParameter: false,
    builtIn: { regionId: "lab", accountId: "1", commandId: "c-1", instanceNames: { [INSTANCE_ID]: "host one" } },
    workingDir: "/",
    timeoutSeconds: 60,
    terminationMode: "Process",
    ...more,
  };
}

export function stopOf({ invokeId, iteration, targets, expiresMs }: TaskOrder): StopOrder {
  return { type: "stop", invokeId, iteration, targets, expiresMs };
}

export type Told = {
  startedMs?: number;
  readonly chunks: Uint8Array[];
  readonly output: Buffer;
  droppedBytes: number;
  bytes: number;
  end?: RunEnd;
  ends: number;
};

/** What a control plane would do with an engine, in memory: stores output by offset, acknowledges. */
export class Server implements Uplink {
  readonly runs = new Map<string, Told>();
  /** False: takes everything and answers nothing. */
  answering = true;
  /** False: acknowledges output, but no end. */
  acknowledgingEnds = true;
  #engine: Engine | undefined;
  readonly #waiting = new Map<string, (end: RunEnd) => void>();

  /** Resolves with the end of a run that has not ended yet, without looking for it again and again. */
  whenEnded({ invokeId }: TaskOrder): Promise<RunEnd> {
    return new Promise((resolve) => this.#waiting.set(invokeId, resolve));
  }

  connect(engine: Engine, more: Partial<WelcomePayload> = {}): void {
    this.#engine = engine;
    const want = engine
      .held()
      .map(({ invokeId, iteration }) => ({ invokeId, iteration, offset: this.of(invokeId).bytes }));
    engine.connected(this, {
      protocol: 1,
      instanceId: INSTANCE_ID,
      agentNonce: "",
      serverTimeMs: Date.now(),
      heartbeatMs: 20_000,
      silenceMs: 45_000,
      resendMs: 200,
      backoff: { baseMs: 1, capMs: 2 },
      want,
      drop: [],
      ...more,
    });
  }

  of(invokeId: string): Told {
    const known = this.runs.get(invokeId);
    if (known) return known;
    const chunks: Uint8Array[] = [];
    const told: Told = {
      chunks,
      get output() {
        return Buffer.concat(chunks);
      },
      droppedBytes: 0,
      bytes: 0,
      ends: 0,
    };
    this.runs.set(invokeId, told);
    return told;
  }

  readonly bufferedBytes = (): number => 0;

  readonly send = (frame: AgentFrame): void => {
    if (!this.answering) return;
    switch (frame.type) {
      case "started":
        this.of(frame.invokeId).startedMs = frame.atMs;
        return this.#later((engine) => engine.acknowledged([frame.id]));
      case "gap": {
        const run = this.of(frame.invokeId);
        if (frame.from === run.bytes) {
          run.droppedBytes += frame.to - frame.from;
          run.bytes = frame.to;
        }
        return this.#later((engine) => engine.outputAcknowledged(frame, run.bytes));
      }
      case "ended": {
        const run = this.of(frame.invokeId);
        if (run.bytes < frame.outputBytes) return this.#later((engine) => engine.outputAcknowledged(frame, run.bytes));
        run.end = frame.end;
        run.ends += 1;
        this.#waiting.get(frame.invokeId)?.(frame.end);
        this.#waiting.delete(frame.invokeId);
        if (this.acknowledgingEnds) this.#later((engine) => engine.acknowledged([frame.id]));
        return;
      }
      case "hello":
      case "ack":
        return;
    }
  };

  readonly sendOutput = (frame: OutputFrame): void => {
    if (!this.answering) return;
    const run = this.of(frame.invokeId);
    if (frame.offset === run.bytes) {
      run.chunks.push(frame.bytes);
      run.bytes += frame.bytes.length;
    }
    this.#later((engine) => engine.outputAcknowledged(frame, run.bytes));
  };

  #later(answer: (engine: Engine) => void): void {
    const engine = this.#engine;
    setImmediate(() => engine && answer(engine));
  }
}

export type Host = {
  readonly engine: Engine;
  readonly server: Server;
  readonly stateDir: string;
  readonly logged: string[];
  /** Takes the order and waits for its end. */
  run: (order: TaskOrder) => Promise<Told & { end: RunEnd }>;
  ended: (order: TaskOrder, withinMs?: number) => Promise<Told & { end: RunEnd }>;
  /** Waits until the script printed `text`. */
  printed: (order: TaskOrder, text: string) => Promise<void>;
};

/** Opens an engine and connects it to a server, a new one unless given. */
export async function openHost(
  stateDir: string,
  options: Partial<EngineOptions> & { server?: Server; resendMs?: number } = {},
): Promise<Host> {
  const { server = new Server(), resendMs = 200, ...more } = options;
  const logged: string[] = [];
  const log: Logger = pino({ level: "info" }, { write: (line: string) => void logged.push(line) });
  const engine = await openEngine({
    stateDir,
    instanceId: INSTANCE_ID,
    clock: systemClock,
    log,
    graceMs: 300,
    ...more,
  });
  server.connect(engine, { resendMs });
  const ended = async (order: TaskOrder, withinMs = 20_000): Promise<Told & { end: RunEnd }> => {
    const told = server.of(order.invokeId);
    const state = (): string => {
      const file = join(stateDir, "runs", `${order.invokeId}.${order.iteration}`, "status");
      return existsSync(file) ? readFileSync(file, "utf8") : "no run directory\n";
    };
    const lines = (): string => logged.filter((line) => line.includes(order.invokeId)).join("");
    const end = await waitFor(() => told.end, {
      withinMs,
      what: () => `the end of ${order.invokeId}: ${state()}${lines()}`,
    });
    return Object.assign(told, { end });
  };
  return {
    engine,
    server,
    stateDir,
    logged,
    ended,
    run: async (order) => {
      await engine.take(order, false);
      return await ended(order);
    },
    printed: async (order, text) => {
      await waitFor(() => server.of(order.invokeId).output.includes(text), {
        withinMs: 20_000,
        what: `"${text}" in the output`,
      });
    },
  };
}
