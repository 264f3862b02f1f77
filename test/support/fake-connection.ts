import type { AgentFrame, ServerFrame } from "@cloud-assistant/shared/protocol/frames";
import type { WebSocket } from "ws";

type Frame<T extends AgentFrame["type"]> = Extract<AgentFrame, { type: T }>;

/** The server's end of one connection of an agent. */
export class FakeConnection {
  readonly #socket: WebSocket;
  readonly #awaited: {
    type: AgentFrame["type"];
    resolve: (frame: AgentFrame) => void;
    reject: (error: Error) => void;
  }[] = [];
  /** Frames that came and nobody has asked for yet. */
  readonly pending: AgentFrame[] = [];
  /** The close code, once the connection is over. */
  readonly closed: Promise<number>;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data, isBinary) => {
      if (!isBinary) this.#take(JSON.parse(String(data)) as AgentFrame);
    });
    socket.on("error", () => undefined); // told by the close that follows
    this.closed = new Promise((resolve) => {
      socket.on("close", (code) => {
        for (const { type, reject } of this.#awaited.splice(0))
          reject(new Error(`closed with ${code} before a frame ${type} came`));
        resolve(code);
      });
    });
  }

  send(frame: ServerFrame): void {
    this.#socket.send(JSON.stringify(frame));
  }

  sendRaw(data: string | Buffer): void {
    this.#socket.send(data);
  }

  /** Resolves when everything sent before has been read by the agent: its pong comes after. */
  async settled(): Promise<void> {
    const pong = new Promise((resolve) => this.#socket.once("pong", resolve));
    this.#socket.ping();
    await pong;
  }

  ping(): void {
    this.#socket.ping();
  }

  /** The next frame of this type; others stay where they are. */
  next<T extends AgentFrame["type"]>(type: T): Promise<Frame<T>> {
    const at = this.pending.findIndex((frame) => frame.type === type);
    if (at >= 0) return Promise.resolve(this.pending.splice(at, 1)[0] as Frame<T>);
    return new Promise((resolve, reject) =>
      this.#awaited.push({ type, resolve: resolve as (frame: AgentFrame) => void, reject }),
    );
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  cut(): void {
    this.#socket.terminate();
  }

  #take(frame: AgentFrame): void {
    const at = this.#awaited.findIndex(({ type }) => type === frame.type);
    if (at < 0) this.pending.push(frame);
    else this.#awaited.splice(at, 1)[0]?.resolve(frame);
  }
}
