import type { KeyObject } from "node:crypto";
import type { Backoff } from "@cloud-assistant/shared/backoff";
import type { Clock } from "@cloud-assistant/shared/clock";
import { MAX_FRAME_BYTES, SILENCE_MS } from "@cloud-assistant/shared/limits";
import { CLOSE_CODES, LINK_PATH, ServerFrame, type AgentFrame, type HostFacts, type WelcomePayload } from "@cloud-assistant/shared/protocol/frames";
import { encodeOutputFrame } from "@cloud-assistant/shared/protocol/output-frame";
import type { Logger } from "pino";
import { WebSocket } from "ws";
import type { Engine } from "./engine.ts";
import { judgeWelcome, makeHello } from "./handshake.ts";
import type { LossReason } from "./link-state.ts";
import { judgeOrder } from "./order-verdict.ts";
import { parseJson } from "./parse-json.ts";
import { makeNonce } from "./proof.ts";
import { webSocketUrl } from "./server-url.ts";
import type { OnAgentStep } from "./steps.ts";

export type ConnectionOptions = {
  readonly server: string;
  readonly ca: string | undefined;
  readonly instanceId: string;
  readonly proofKey: KeyObject;
  readonly serverKey: KeyObject;
  readonly engine: Engine;
  readonly host: HostFacts;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onStep: OnAgentStep;
  readonly onProven: (backoff: Backoff) => void;
};
export type Loss = { readonly reason: LossReason; readonly provenForMs: number; readonly backoff?: Backoff };

const DIAL_MS = 10_000;
const LOSS_BY_CODE: Readonly<Record<number, LossReason>> = {
  [CLOSE_CODES.replaced]: "replaced",
  [CLOSE_CODES.unproven]: "unproven",
  [CLOSE_CODES.cloned]: "cloned",
  [CLOSE_CODES.badVersion]: "badVersion",
  [CLOSE_CODES.goingAway]: "goingAway",
  [CLOSE_CODES.silent]: "silent",
};

/** One WebSocket from dial to close. Nothing the server says is looked at before it has proved itself. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: WebSocket;
  readonly #agentNonce = makeNonce();
  readonly #lost: Promise<LossReason>;
  #reason: LossReason | undefined;
  #hello = false;
  #welcome: { readonly payload: WelcomePayload; readonly atMs: number } | undefined;
  #heardMs: number;
  #silenceMs = SILENCE_MS;
  #acks: string[] = [];
  /** Frames that were ignored: unknown types, foreign or forged orders. */
  ignored = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#heardMs = options.clock.elapsed();
    this.#socket = new WebSocket(webSocketUrl(options.server, LINK_PATH), {
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      handshakeTimeout: DIAL_MS,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
    this.#lost = new Promise((resolve) => {
      this.#socket.on("unexpected-response", (request, response) => {
        this.#reason ??= response.statusCode === 503 ? "busy" : "unreachable";
        request.destroy();
        resolve(this.#reason);
      });
      this.#socket.on("error", () => (this.#reason ??= this.#hello ? "lost" : "unreachable"));
      this.#socket.on("close", (code) => resolve((this.#reason ??= LOSS_BY_CODE[code] ?? "lost")));
    });
    this.#socket.on("ping", () => this.#heard());
    this.#socket.on("message", (data: Buffer, binary) => this.#onMessage(data, binary));
  }

  /** Resolves when it is over. */
  async run(stop: AbortSignal): Promise<Loss> {
    const over = new AbortController();
    const onStop = (): void => this.#socket.close(CLOSE_CODES.goingAway);
    if (stop.aborted) onStop();
    stop.addEventListener("abort", onStop, { once: true, signal: over.signal });
    void this.#watchSilence(over.signal);
    const reason = await this.#lost;
    over.abort();
    this.#options.engine.disconnected();
    const provenForMs = this.#welcome ? this.#options.clock.elapsed() - this.#welcome.atMs : 0;
    return { reason, provenForMs, ...(this.#welcome ? { backoff: this.#welcome.payload.backoff } : {}) };
  }

  get proven(): boolean {
    return this.#welcome !== undefined && this.#socket.readyState === WebSocket.OPEN;
  }

  async #watchSilence(over: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!over.aborted) {
      const leftMs = this.#heardMs + this.#silenceMs - clock.elapsed();
      if (leftMs <= 0) {
        log.warn({ silenceMs: this.#silenceMs }, "server is silent, connection given up");
        this.#end("silent");
        return;
      }
      await clock.sleep(leftMs, over).catch(() => undefined);
    }
  }

  #heard(): void {
    this.#heardMs = this.#options.clock.elapsed();
  }

  #onMessage(data: Buffer, binary: boolean): void {
    this.#heard();
    const json = binary ? undefined : parseJson(data.toString("utf8"));
    if (typeof json !== "object" || json === null) return this.#end("badFrame");
    const frame = ServerFrame.safeParse(json);
    if (!frame.success) {
      this.ignored += 1;
      return;
    }
    if (this.#welcome) return this.#onProvenFrame(frame.data);
    if (frame.data.type === "challenge" && !this.#hello) return this.#onChallenge(frame.data.nonce);
    if (frame.data.type === "welcome" && this.#hello) return this.#onWelcome(frame.data);
    this.ignored += 1;
  }

  #onChallenge(serverNonce: string): void {
    const { engine, instanceId, host, proofKey } = this.#options;
    this.#hello = true;
    this.#send(makeHello(proofKey, { instanceId, serverNonce, agentNonce: this.#agentNonce, ledgerId: engine.ledgerId, host, runs: engine.held() }));
  }

  #onWelcome(frame: { payload: string; signature: string }): void {
    const { engine, serverKey, instanceId, log, clock, onProven } = this.#options;
    const verdict = judgeWelcome(serverKey, { instanceId, agentNonce: this.#agentNonce }, frame);
    if (!verdict.ok) {
      log.error({ why: verdict.why }, "server could not prove itself");
      return this.#end(verdict.reason);
    }
    this.#welcome = { payload: verdict.welcome, atMs: clock.elapsed() };
    this.#silenceMs = verdict.welcome.silenceMs;
    onProven(verdict.welcome.backoff);
    engine.connected(
      {
        send: (said) => this.#send(said),
        sendOutput: (output) => this.#socket.send(encodeOutputFrame(output)),
        bufferedBytes: () => this.#socket.bufferedAmount,
      },
      verdict.welcome,
    );
  }

  #onProvenFrame(frame: ServerFrame): void {
    const { engine } = this.#options;
    switch (frame.type) {
      case "order":
        return this.#onOrder(frame);
      case "ack":
        return engine.acknowledged(frame.ids);
      case "outputAck":
        return engine.outputAcknowledged({ invokeId: frame.invokeId, iteration: frame.iteration }, frame.offset);
      case "challenge":
      case "welcome":
        this.ignored += 1; // said once, replayed now
    }
  }

  #onOrder({ id, payload, signature }: Extract<ServerFrame, { type: "order" }>): void {
    const { engine, serverKey, instanceId, clock, log, onStep } = this.#options;
    const { payload: welcome, atMs } = this.#welcome ?? { payload: undefined, atMs: 0 };
    if (!welcome) return;
    const verdict = judgeOrder(serverKey, { instanceId, serverNowMs: welcome.serverTimeMs + clock.elapsed() - atMs }, { payload, signature });
    if (verdict.verdict !== "ours") {
      this.ignored += 1;
      log.warn({ verdict: verdict.verdict }, "order refused");
      return;
    }
    const { order, expired } = verdict;
    const run = { invokeId: order.invokeId, iteration: order.iteration };
    if (order.type === "task") onStep("task received", run);
    engine.take(order, expired).then(
      () => {
        this.#acknowledge(id);
        if (order.type === "task") onStep("task acknowledged", run);
      },
      (error: unknown) => log.error({ err: error, invokeId: run.invokeId }, "order could not be taken; it will be sent again"),
    );
  }

  /** Acknowledgements of one tick travel together. */
  #acknowledge(id: string): void {
    this.#acks.push(id);
    if (this.#acks.length > 1) return;
    setImmediate(() => {
      this.#send({ type: "ack", ids: this.#acks });
      this.#acks = [];
    });
  }

  #send(frame: AgentFrame): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #end(reason: LossReason): void {
    this.#reason ??= reason;
    if (reason === "badFrame") this.#socket.close(CLOSE_CODES.badFrame);
    this.#socket.terminate();
  }
}
