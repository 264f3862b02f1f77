import { signedText } from "@cloud-assistant/shared/protocol/contexts";
import { LINK_PATH, PROTOCOL_VERSION } from "@cloud-assistant/shared/protocol/frames";
import { encodeOutputFrame } from "@cloud-assistant/shared/protocol/output-frame";
import { sign } from "node:crypto";
import { WebSocket } from "ws";
import { makeNonce, type FakeIdentity } from "../../support/fake-agent.ts";

/** What the server says to it, as far as it listens. */
type ServerWord =
  | { readonly type: "challenge"; readonly nonce: string }
  | { readonly type: "welcome" }
  | { readonly type: "order"; readonly id: string }
  | { readonly type: "ack"; readonly ids: readonly string[] }
  | { readonly type: "outputAck"; readonly invokeId: string; readonly iteration: number };

export type FleetRun = {
  /** What every "script" prints. */
  readonly output: Uint8Array;
  /** A run's end was acknowledged: all of it is committed. */
  readonly onStored: (invokeId: string) => void;
};

/**
 * A host of the fleet: the real handshake with a key of its own, and for each task what the agent says, in its order, with
 * a fake spawn: acknowledged, started, printed, and after the output's acknowledgement ended. It holds nothing of a run, so
 * that thousands fit into one process and cost it little.
 */
export class FleetAgent {
  readonly #socket: WebSocket;
  readonly #run: FleetRun;
  readonly #identity: FakeIdentity;

  private constructor(endpoint: string, identity: FakeIdentity, run: FleetRun) {
    this.#socket = new WebSocket(`${endpoint.replace("http", "ws")}${LINK_PATH}`, { perMessageDeflate: false });
    this.#identity = identity;
    this.#run = run;
  }

  /** @throws {Error} when it is not welcomed. */
  static async connect(endpoint: string, identity: FakeIdentity, run: FleetRun): Promise<FleetAgent> {
    const agent = new FleetAgent(endpoint, identity, run);
    await new Promise<void>((resolve, reject) => {
      agent.#socket.on("error", reject);
      agent.#socket.on("close", (code) => reject(new Error(`${identity.instanceId} was closed with ${code}`)));
      agent.#socket.on("message", (data: Buffer) => {
        const word = JSON.parse(data.toString()) as ServerWord;
        if (word.type === "welcome") resolve();
        else agent.#hear(word);
      });
    });
    return agent;
  }

  close(): void {
    this.#socket.terminate();
  }

  #hear(word: Exclude<ServerWord, { type: "welcome" }>): void {
    if (word.type === "challenge") this.#socket.send(this.#hello(word.nonce));
    else if (word.type === "order") this.#take(word.id);
    else if (word.type === "outputAck") this.#end(word.invokeId, word.iteration);
    else for (const id of word.ids) this.#acknowledged(id);
  }

  #hello(serverNonce: string): string {
    const { instanceId, host, privateKey } = this.#identity;
    const proof = {
      protocol: PROTOCOL_VERSION,
      instanceId,
      serverNonce,
      agentNonce: makeNonce(),
      ledgerId: instanceId,
    };
    const payload = JSON.stringify({ ...proof, host, runs: [] });
    const signature = sign(null, Buffer.from(signedText("hello", payload)), privateKey).toString("base64");
    return JSON.stringify({ type: "hello", payload, signature });
  }

  #take(id: string): void {
    const name = id.slice(id.indexOf(":") + 1);
    const at = name.lastIndexOf(".");
    const [invokeId, iteration] = [name.slice(0, at), Number(name.slice(at + 1))];
    this.#say({ type: "ack", ids: [id] });
    this.#say({ type: "started", id: `started:${name}`, invokeId, iteration, atMs: Date.now() });
    this.#socket.send(encodeOutputFrame({ invokeId, iteration, offset: 0, bytes: this.#run.output }));
  }

  #end(invokeId: string, iteration: number): void {
    const atMs = Date.now();
    const end = { how: "exited", exitCode: 0, startedMs: atMs, finishedMs: atMs };
    const outputBytes = this.#run.output.length;
    this.#say({ type: "ended", id: `ended:${invokeId}.${iteration}`, invokeId, iteration, outputBytes, end });
  }

  #acknowledged(id: string): void {
    if (id.startsWith("ended:")) this.#run.onStored(id.slice("ended:".length, id.lastIndexOf(".")));
  }

  #say(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }
}
