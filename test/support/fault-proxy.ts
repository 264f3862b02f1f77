import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { systemClock } from "@cloud-assistant/agent/clock";
import { MAX_FRAME_BYTES } from "@cloud-assistant/shared/limits";
import { WebSocket, WebSocketServer } from "ws";
import { makeLane, type FaultCounts, type FrameFaults, type Lane } from "./fault-lane.ts";
import { seededRandom } from "./random.ts";

export type { FaultCounts, FrameFaults } from "./fault-lane.ts";
export type Direction = "toServer" | "toAgent";

type Pair = { readonly agent: WebSocket; readonly server: WebSocket; readonly lanes: Record<Direction, Lane> };

/**
 * Stands between agents and a control plane. WebSocket frames are taken apart and passed on by its rules, pings and pongs
 * as they come; other requests (registration, the API) pass as they are. The faults follow from the seed and the order of
 * the frames alone.
 */
export class FaultProxy {
  readonly #target: URL;
  readonly #seed: number;
  readonly #http = createServer((request, response) => this.#pass(request, response));
  readonly #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 2 * MAX_FRAME_BYTES,
    autoPong: false,
  });
  readonly #pairs = new Set<Pair>();
  readonly #swallowed = new Set<Duplex>();
  readonly #closing = new AbortController();
  readonly #faults: Record<Direction, FrameFaults> = { toServer: {}, toAgent: {} };
  readonly counts: Record<Direction, FaultCounts> = { toServer: noCounts(), toAgent: noCounts() };
  #connections = 0;
  #blackHole = false;
  #refusing = false;

  private constructor(target: string, seed: number) {
    this.#target = new URL(target);
    this.#seed = seed;
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** @param target the control plane's endpoint, `http://host:port` */
  static async start({ target, seed = 1 }: { target: string; seed?: number }): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, seed);
    await once(proxy.#http.listen(0, "127.0.0.1"), "listening");
    return proxy;
  }

  /** What agents register with instead of the control plane's endpoint. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** WebSocket connections that were passed through since the start. */
  get connections(): number {
    return this.#connections;
  }

  /** From the next frame on; `{}` is none. */
  setFaults(direction: Direction, faults: FrameFaults): void {
    this.#faults[direction] = faults;
  }

  /** Both ends of every connection break, with no close frame. @returns how many. */
  cut(): number {
    const pairs = [...this.#pairs];
    for (const pair of pairs) this.#end(pair);
    return pairs.length;
  }

  /** Half-open: connections stay, nothing passes in either direction, pings neither; what would have passed is lost. New ones are taken and never answered. */
  setBlackHole(on: boolean): void {
    this.#blackHole = on;
    if (on) return;
    // an end that did not get through is told now
    for (const pair of this.#pairs)
      if ([pair.agent, pair.server].some(({ readyState }) => readyState >= WebSocket.CLOSING)) this.#end(pair);
    // what began in the black hole has lost its first bytes for good
    for (const socket of this.#swallowed) socket.destroy();
    this.#swallowed.clear();
  }

  /** New connections are refused while it is on. */
  setRefusing(on: boolean): void {
    this.#refusing = on;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.setBlackHole(false);
    this.cut();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#refusing) return void socket.destroy();
    if (this.#blackHole) return this.#swallow(socket);
    this.#sockets.handleUpgrade(request, socket, head, (agent) => this.#join(agent, request.url ?? "/"));
  }

  #join(agent: WebSocket, path: string): void {
    const url = new URL(path, this.#target);
    const server = new WebSocket(url.href.replace(/^http/, "ws"), {
      perMessageDeflate: false,
      maxPayload: 2 * MAX_FRAME_BYTES,
      autoPong: false,
    });
    const number = this.#connections++;
    const lane = (direction: Direction, to: WebSocket, offset: number): Lane =>
      makeLane({
        to,
        random: seededRandom(this.#seed * 1_000_003 + number * 2 + offset),
        faults: () => this.#faults[direction],
        counts: this.counts[direction],
        clock: systemClock,
        closing: this.#closing.signal,
      });
    const pair: Pair = {
      agent,
      server,
      lanes: { toServer: lane("toServer", server, 0), toAgent: lane("toAgent", agent, 1) },
    };
    this.#pairs.add(pair);
    this.#connect(pair, "toServer", agent, server);
    this.#connect(pair, "toAgent", server, agent);
  }

  #connect(pair: Pair, direction: Direction, from: WebSocket, to: WebSocket): void {
    from.on("message", (data, isBinary) => {
      if (this.#blackHole) this.counts[direction].lost += 1;
      else pair.lanes[direction].pass(data as Buffer, isBinary);
    });
    from.on("ping", (data) => this.#whenOpen(to, () => to.ping(data)));
    from.on("pong", (data) => this.#whenOpen(to, () => to.pong(data)));
    from.on("error", () => undefined); // told by the close that follows
    from.on("close", (code) => {
      if (this.#blackHole) return; // the other side does not hear of it
      this.#pairs.delete(pair);
      // 1005 and 1006 are no codes to send: no close frame came
      if (to.readyState === WebSocket.OPEN && code !== 1005 && code !== 1006) to.close(code);
      else to.terminate();
    });
  }

  #whenOpen(socket: WebSocket, say: () => void): void {
    if (!this.#blackHole && socket.readyState === WebSocket.OPEN) say();
  }

  #end(pair: Pair): void {
    this.#pairs.delete(pair);
    pair.agent.terminate();
    pair.server.terminate();
  }

  #swallow(socket: Duplex): void {
    this.#swallowed.add(socket);
    socket
      .on("error", () => undefined)
      .on("close", () => this.#swallowed.delete(socket))
      .resume();
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    if (this.#refusing) return void request.destroy();
    if (this.#blackHole) return this.#swallow(request.socket);
    const { method, headers, url } = request;
    const onward = httpRequest(
      { host: this.#target.hostname, port: this.#target.port, method, headers, path: url, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  }
}

function noCounts(): FaultCounts {
  return { passed: 0, lost: 0, duplicated: 0, reordered: 0, delayed: 0 };
}
