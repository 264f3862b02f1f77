import { setImmediate as nextTurn } from "node:timers/promises";
import { RECONNECT_BACKOFF, type Backoff } from "@cloud-assistant/shared/backoff";
import type { Clock } from "@cloud-assistant/shared/clock";
import { SILENCE_MS } from "@cloud-assistant/shared/limits";
import { LINK_PATH, type HostFacts } from "@cloud-assistant/shared/protocol/frames";
import type { Logger } from "pino";
import { sleepUnless } from "./deadline.ts";
import type { Engine } from "./engine.ts";
import { readHostFacts } from "./host-facts.ts";
import type { Identity } from "./identity.ts";
import { makeCounters, type LinkCounters } from "./link-counters.ts";
import { logForgery, logLoss } from "./link-log.ts";
import { dial, type Loss } from "./link-socket.ts";
import { firstLinkState, nextLinkState, type LinkEvent, type LinkState, type LossReason } from "./link-state.ts";
import { openEd25519PublicKey, openPrivateKey } from "./proof.ts";
import { webSocketUrl } from "./server-url.ts";
import { makeSession } from "./session.ts";
import type { OnAgentStep } from "./steps.ts";

export type LinkOptions = {
  readonly identity: Identity;
  readonly engine: Engine;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly onStep: OnAgentStep;
  /** Told at each change, after the state has changed. */
  readonly onConnected?: (connected: boolean) => void;
  /** The server has deregistered this host for good; told once, when the last connection is gone. */
  readonly onDeregistered?: () => void;
  readonly readHost?: () => HostFacts;
  /** PEM of the authority to trust for TLS; absent: the system's. */
  readonly ca?: string | undefined;
  /** Until the first `welcome` gives another. */
  readonly backoff?: Backoff;
};

/** The agent's connection to its control plane, kept up until it is closed. */
export type Link = {
  readonly connected: () => boolean;
  readonly state: () => LinkState;
  readonly counters: Readonly<LinkCounters>;
  /** Ends the connection and the loop; resolves when nothing of either is left. */
  readonly close: () => Promise<void>;
};

/** The close code of an agent that stops: a normal end (RFC 6455, 7.4.1). */
const NORMAL_END = 1000;

export function openLink(options: LinkOptions): Link {
  const { identity, engine, clock, log, ca, onConnected = () => undefined, readHost = () => readHostFacts() } = options;
  const keys = {
    proofKey: openPrivateKey(identity.proofKey),
    serverKey: openEd25519PublicKey(identity.serverPublicKey),
  };
  const url = webSocketUrl(identity.server, LINK_PATH);
  const counters = makeCounters();
  const closing = new AbortController();
  let state = firstLinkState(clock.elapsed(), options.backoff ?? RECONNECT_BACKOFF);
  const apply = (event: LinkEvent): void => {
    const was = state;
    state = nextLinkState(was, event);
    if ((was.status === "proven") !== (state.status === "proven")) onConnected(state.status === "proven");
  };

  /** One connection, from the dial to the last of its socket. */
  const connect = async (): Promise<Loss> => {
    const welcomed = new AbortController();
    const gone = new AbortController();
    let heardMs = clock.elapsed();
    let silenceMs = SILENCE_MS;
    const socket = dial(url, ca, {
      onHeard: () => (heardMs = clock.elapsed()),
      onText: (text) => session.take(text),
      onBinary: () => session.takeBinary(),
    });
    const session = makeSession({
      ...keys,
      instanceId: identity.instanceId,
      engine,
      clock,
      log,
      counters,
      onStep: options.onStep,
      readHost,
      socket,
      onChallenged: (serverNonce) => apply({ type: "challenged", serverNonce }),
      onWelcomed: (welcome) => {
        silenceMs = welcome.silenceMs;
        apply({ type: "welcomed", atMs: clock.elapsed(), backoff: welcome.backoff });
        log.info({ instanceId: identity.instanceId, server: identity.server }, "link proven");
        welcomed.abort();
      },
      onDeregistered: () => {
        apply({ type: "deregistered" });
        socket.end("lost", NORMAL_END);
      },
    });
    const watchSilence = async (): Promise<void> => {
      // until the welcome a ping proves nothing: the whole handshake has the bound
      if (await sleepUnless(clock, SILENCE_MS, AbortSignal.any([welcomed.signal, gone.signal])))
        return socket.drop("silent");
      while (!gone.signal.aborted) {
        const leftMs = heardMs + silenceMs - clock.elapsed();
        if (leftMs <= 0) return socket.drop("silent");
        await sleepUnless(clock, leftMs, gone.signal);
        await nextTurn(); // timers come before reading: after a stall, what arrived in it counts as heard
      }
    };
    const end = (): void => socket.end("lost", NORMAL_END);
    closing.signal.addEventListener("abort", end, { once: true });
    const watch = watchSilence();
    const loss = await socket.lost;
    closing.signal.removeEventListener("abort", end);
    session.ended();
    gone.abort();
    await watch;
    return loss;
  };

  // read through functions: the compiler does not see that an await changes the state
  const now = (): LinkState => state;
  const connected = (): boolean => state.status === "proven";

  const run = async (): Promise<void> => {
    let previous: LossReason | undefined;
    while (!isOver(state)) {
      if (state.status === "waiting") {
        await sleepUnless(clock, Math.max(0, state.dueMs - clock.elapsed()), closing.signal);
        apply({ type: "tick", atMs: clock.elapsed() });
        continue;
      }
      const loss = await connect();
      if (connected()) previous = undefined;
      apply({ type: "lost", atMs: clock.elapsed(), random: options.random(), ...loss });
      const after = now();
      if (after.status === "deregistered") return options.onDeregistered?.();
      if (after.status !== "waiting") return;
      logLoss(log, loss, after.dueMs - clock.elapsed(), previous);
      previous = loss.reason;
      if (loss.reason === "forged") await logForgery(log, identity, ca, clock, closing.signal);
    }
  };
  const running = run();
  return {
    connected,
    state: now,
    counters,
    close: async () => {
      apply({ type: "closed" });
      closing.abort();
      await running;
    },
  };
}

function isOver({ status }: LinkState): boolean {
  return status === "closed" || status === "deregistered";
}
