import {
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from "node:crypto";
import { once } from "node:events";
import { signedText, type SigningContext } from "@cloud-assistant/shared/protocol/contexts";
import {
  LINK_PATH,
  PROTOCOL_VERSION,
  type HelloPayload,
  type HostFacts,
  type ServerFrame,
  type WelcomePayload,
} from "@cloud-assistant/shared/protocol/frames";
import type { Order } from "@cloud-assistant/shared/protocol/orders";
import { encodeOutputFrame } from "@cloud-assistant/shared/protocol/output-frame";
import { REGISTER_PATH, SERVER_KEY_PATH } from "@cloud-assistant/shared/protocol/registration";
import type { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import { WebSocket } from "ws";
import type { Activated } from "./server.ts";

/**
 * An agent that speaks the real protocol and runs nothing: what a "script" prints and how it ends is told to it. Lean, as
 * thousands of them live in one process; so it trusts the server's signatures unchecked, which the real agent's tests cover.
 */
export type FakeIdentity = { readonly instanceId: string; readonly privateKey: KeyObject; readonly host: HostFacts };

/** How a fake script behaves. */
export type FakeRun = { readonly output?: Uint8Array; readonly end?: RunEnd };
/** Undefined: it takes the task and stays silent until the test speaks for it. */
export type Behave = (order: Order, agent: FakeAgent) => FakeRun | undefined;

/** What it holds on its "disk", across connections. */
type HeldRun = RunKey & { readonly output: Uint8Array; end: RunEnd | undefined; ended: boolean };

export function makeKeyPair(): { readonly privateKey: KeyObject; readonly publicKey: string } {
  const { privateKey } = generateKeyPairSync("ed25519");
  return { privateKey, publicKey: rawPublicKey(privateKey) };
}

export function rawPublicKey(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
}

export function signWith(privateKey: KeyObject, context: SigningContext, payload: string): string {
  return sign(null, Buffer.from(signedText(context, payload)), privateKey).toString("base64");
}

export function makeNonce(): string {
  return randomBytes(32).toString("base64");
}

export function makeHost(name: string): HostFacts {
  return {
    hostname: name,
    osType: "linux",
    osVersion: "Debian GNU/Linux 13",
    arch: "x86_64",
    intranetIp: "10.0.0.1",
    agentVersion: "0.1.0",
    machineId: createHash("md5").update(name).digest("hex"),
    fingerprint: createHash("sha256").update(name).digest("hex"),
    bootId: "00000000-0000-4000-8000-000000000000",
  };
}

/** The two requests of a registration. @throws {Error} with status and body when it is refused. */
export async function registerFakeAgent(
  endpoint: string,
  { activationId, activationCode }: Activated,
  {
    name = "fake",
    privateKey = makeKeyPair().privateKey,
    tags = [],
  }: { name?: string; privateKey?: KeyObject; tags?: readonly { key: string; value: string }[] } = {},
): Promise<FakeIdentity> {
  const { serverNonce } = JSON.parse((await post(`${endpoint}${SERVER_KEY_PATH}`, { nonce: makeNonce() })).payload) as {
    serverNonce: string;
  };
  const host = makeHost(name);
  const payload = JSON.stringify({
    serverNonce,
    activationId,
    publicKey: rawPublicKey(privateKey),
    sealKey: makeNonce(),
    host,
    tags,
  });
  const proof = createHmac("sha256", activationCode).update(payload).digest("base64");
  const answer = await post(`${endpoint}${REGISTER_PATH}`, { payload, proof });
  const { instanceId } = JSON.parse(answer.payload) as { instanceId: string };
  return { instanceId, privateKey, host };
}

async function post(url: string, body: object): Promise<{ payload: string; signature: string }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as { payload: string; signature: string };
}

export class FakeAgent {
  readonly identity: FakeIdentity;
  readonly held = new Map<string, HeldRun>();
  /** Every order frame that came, repetitions too. */
  readonly orders: {
    readonly id: string;
    readonly order: Order;
    readonly payload: string;
    readonly signature: string;
  }[] = [];
  /** Frames other than orders, as long as the test asked for them. */
  readonly frames: ServerFrame[] = [];
  ledgerId: string;
  welcome: WelcomePayload | undefined;
  socket: WebSocket | undefined;
  /** Of the last connection, once it is over. */
  closeCode: number | undefined;
  readonly #endpoint: string;
  readonly #behave: Behave;
  readonly #options: FakeAgentOptions;

  constructor(endpoint: string, identity: FakeIdentity, behave: Behave, options: FakeAgentOptions) {
    this.#endpoint = endpoint;
    this.identity = identity;
    this.#behave = behave;
    this.#options = options;
    this.ledgerId = options.ledgerId ?? makeNonce();
  }

  /** Connects and proves itself; resolves with the welcome. @throws {Error} with the close code when it is refused. */
  async connect(change: Partial<HelloPayload> = {}): Promise<WelcomePayload> {
    const socket = new WebSocket(`${this.#endpoint.replace("http", "ws")}${LINK_PATH}`, { perMessageDeflate: false });
    this.socket = socket;
    this.closeCode = undefined;
    return new Promise((resolve, reject) => {
      socket.on("message", (data, isBinary) => {
        const frame = isBinary ? undefined : (JSON.parse((data as Buffer).toString()) as ServerFrame);
        if (frame?.type === "challenge") socket.send(this.hello(frame.nonce, change));
        else if (frame?.type === "welcome") {
          this.welcome = JSON.parse(frame.payload) as WelcomePayload;
          this.#resume(this.welcome);
          resolve(this.welcome);
        } else if (frame) this.#receive(frame);
      });
      socket.on("error", reject);
      socket.on("close", (code) => {
        if (this.socket === socket) this.closeCode = code;
        reject(new Error(`closed with ${code}`));
      });
    });
  }

  hello(serverNonce: string, change: Partial<HelloPayload> = {}): string {
    const runs = [...this.held.values()].map(({ invokeId, iteration, ended }) => ({ invokeId, iteration, ended }));
    const { instanceId, host, privateKey } = this.identity;
    const payload = JSON.stringify({
      protocol: PROTOCOL_VERSION,
      instanceId,
      serverNonce,
      agentNonce: makeNonce(),
      ledgerId: this.ledgerId,
      host,
      runs,
      ...change,
    });
    return JSON.stringify({ type: "hello", payload, signature: signWith(privateKey, "hello", payload) });
  }

  send(frame: object): void {
    this.socket?.send(JSON.stringify(frame));
  }

  sendOutput(run: RunKey, offset: number, bytes: Uint8Array): void {
    this.socket?.send(encodeOutputFrame({ invokeId: run.invokeId, iteration: run.iteration, offset, bytes }));
  }

  /** The script of a run that is held ends; its end is reported when the server has all of its output. */
  finish(run: RunKey, end: RunEnd = exited(0)): void {
    const held = this.held.get(nameOf(run));
    if (!held) throw new Error(`${nameOf(run)} is not held`);
    held.end = end;
    held.ended = true;
    this.#report(held, 0);
  }

  /** Drops the connection as a crash would; what is held stays. */
  async cut(): Promise<void> {
    const { socket } = this;
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    socket.terminate();
    await once(socket, "close");
  }

  #receive(frame: ServerFrame): void {
    if (this.#options.keepFrames) this.frames.push(frame);
    if (frame.type === "order") this.#take(frame);
    else if (frame.type === "outputAck") this.#outputAcknowledged(frame);
    else if (frame.type === "ack")
      for (const id of frame.ids) if (id.startsWith("ended:")) this.held.delete(id.slice("ended:".length));
  }

  #take({ id, payload, signature }: Extract<ServerFrame, { type: "order" }>): void {
    const order = JSON.parse(payload) as Order;
    if (this.#options.keepFrames) this.orders.push({ id, order, payload, signature });
    if (this.#options.acknowledgesOrders === false) return;
    this.send({ type: "ack", ids: [id] });
    const name = nameOf(order);
    if (order.type === "stop") return this.#stop(order);
    if (this.held.has(name)) return;
    const run = this.#behave(order, this);
    const { invokeId, iteration } = order;
    const held: HeldRun = {
      invokeId,
      iteration,
      output: run?.output ?? new Uint8Array(),
      end: run?.end,
      ended: run?.end !== undefined,
    };
    this.held.set(name, held);
    this.send({ type: "started", id: `started:${name}`, invokeId, iteration, atMs: Date.now() });
    this.#report(held, 0);
  }

  #stop({ invokeId, iteration }: Order): void {
    const name = nameOf({ invokeId, iteration });
    const held = this.held.get(name);
    if (held?.ended) return;
    const end: RunEnd = held
      ? { how: "stopped", startedMs: 1, finishedMs: 2 }
      : { how: "refused", reason: "cancelled" };
    this.held.set(name, { invokeId, iteration, output: held?.output ?? new Uint8Array(), end, ended: true });
    this.finish({ invokeId, iteration }, end);
  }

  #resume({ want, drop }: WelcomePayload): void {
    for (const run of drop) this.held.delete(nameOf(run));
    for (const { invokeId, iteration, offset } of want) {
      const held = this.held.get(nameOf({ invokeId, iteration }));
      if (held) this.#report(held, offset);
    }
  }

  #outputAcknowledged(ack: RunKey & { offset: number }): void {
    const held = this.held.get(nameOf(ack));
    if (held) this.#report(held, ack.offset);
  }

  /** Sends all output from `offset`, or, when there is none left, the end. */
  #report(held: HeldRun, offset: number): void {
    const { invokeId, iteration, output, end } = held;
    if (offset < output.length) return this.sendOutput(held, offset, output.subarray(offset, offset + 128 * 1024));
    if (end)
      this.send({ type: "ended", id: `ended:${nameOf(held)}`, invokeId, iteration, outputBytes: output.length, end });
  }
}

export type FakeAgentOptions = {
  readonly ledgerId?: string;
  /** Keep `orders` and `frames`; off for fleets. */
  readonly keepFrames?: boolean;
  readonly acknowledgesOrders?: boolean;
};

export function exited(exitCode: number): RunEnd {
  return { how: "exited", exitCode, startedMs: 1, finishedMs: 2 };
}

export const sayHello: Behave = () => ({ output: Buffer.from("hello\n"), end: exited(0) });

export async function connectFakeAgent(
  endpoint: string,
  identity: FakeIdentity,
  behave: Behave = sayHello,
  options: FakeAgentOptions = { keepFrames: true },
): Promise<FakeAgent> {
  const agent = new FakeAgent(endpoint, identity, behave, options);
  await agent.connect();
  return agent;
}

function nameOf({ invokeId, iteration }: RunKey): string {
  return `${invokeId}.${iteration}`;
}
