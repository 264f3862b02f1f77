import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { fingerprintOf, isSignedBy, openEd25519PublicKey, proveActivationCode } from "@cloud-assistant/agent/proof";
import { MAX_FRAME_BYTES } from "@cloud-assistant/shared/limits";
import { signedText, type SigningContext } from "@cloud-assistant/shared/protocol/contexts";
import {
  HelloPayload,
  LINK_PATH,
  PROTOCOL_VERSION,
  type WelcomePayload,
} from "@cloud-assistant/shared/protocol/frames";
import { REGISTER_PATH, RegisterPayload, SERVER_KEY_PATH } from "@cloud-assistant/shared/protocol/registration";
import { WebSocketServer, type WebSocket } from "ws";
import { FakeConnection } from "./fake-connection.ts";

export const FAKE_ACTIVATION = {
  activationId: "0A1B2C3D-0A1B-0A1B-0A1B-0A1B2C3D4E5F",
  activationCode: "a-code-of-the-fake-server",
} as const;

/** What the fake server does wrong when asked to register a host. */
export type RegistrationFault =
  | "lose the answer"
  | "sign with another key"
  | "answer another host"
  | "replay the server key"
  | "refuse";

/** A control plane that speaks the protocol with keys of its own and does what a test tells it: for tests of the agent's side. */
export class FakeServer {
  readonly #keys = generateKeyPairSync("ed25519");
  readonly #http = createServer((request, response) => void this.#answer(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_FRAME_BYTES });
  readonly #arrived: FakeConnection[] = [];
  readonly #awaited: ((connection: FakeConnection) => void)[] = [];
  readonly #nonces = new Set<string>();
  #oldKeyAnswer: string | undefined;
  /** Every request that came, `METHOD path`. */
  readonly requests: string[] = [];
  readonly registrations: RegisterPayload[] = [];
  /** Public keys of hosts → their instances. */
  readonly instances = new Map<string, string>();
  registrationFault: RegistrationFault | undefined;
  /** Answers this status to upgrades instead of taking them. */
  refuseUpgrades: { readonly status: number; readonly retryAfterSeconds?: number } | undefined;

  static async start(port = 0): Promise<FakeServer> {
    const server = new FakeServer();
    server.#http.on("upgrade", (request, socket, head) => {
      server.requests.push(`UPGRADE ${request.url}`);
      const refusal = server.refuseUpgrades;
      if (refusal || request.url !== LINK_PATH) {
        const retryAfter =
          refusal?.retryAfterSeconds === undefined ? "" : `Retry-After: ${refusal.retryAfterSeconds}\r\n`;
        return socket.end(
          `HTTP/1.1 ${refusal?.status ?? 404} Refused\r\n${retryAfter}Content-Length: 0\r\nConnection: close\r\n\r\n`,
        );
      }
      return server.#sockets.handleUpgrade(request, socket, head, (ws) => server.#take(ws));
    });
    await once(server.#http.listen(port, "127.0.0.1"), "listening");
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get publicKey(): string {
    return this.#keys.publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
  }

  get fingerprint(): string {
    return fingerprintOf(this.publicKey);
  }

  sign(context: SigningContext, payload: string): string {
    return sign(null, Buffer.from(signedText(context, payload)), this.#keys.privateKey).toString("base64");
  }

  /** The next connection nobody has asked for yet. */
  connection(): Promise<FakeConnection> {
    const [first] = this.#arrived.splice(0, 1);
    return first ? Promise.resolve(first) : new Promise((resolve) => this.#awaited.push(resolve));
  }

  /** The next connection, with the proof done as a good server does it. */
  async proven(overrides: Partial<WelcomePayload> = {}): Promise<FakeConnection> {
    const connection = await this.connection();
    const hello = await this.challenge(connection);
    connection.send({ type: "welcome", ...this.welcome(hello, overrides) });
    return connection;
  }

  /** Challenges, and checks the hello that comes back. */
  async challenge(connection: FakeConnection, nonce = randomBytes(32).toString("base64")): Promise<HelloPayload> {
    connection.send({ type: "challenge", protocol: PROTOCOL_VERSION, nonce });
    const { payload, signature } = await connection.next("hello");
    const hello = HelloPayload.parse(JSON.parse(payload));
    const [publicKey] = [...this.instances].find(([, instanceId]) => instanceId === hello.instanceId) ?? [];
    if (
      !publicKey ||
      !isSignedBy(openEd25519PublicKey(publicKey), "hello", payload, signature) ||
      hello.serverNonce !== nonce
    ) {
      throw new Error("the hello does not prove anything");
    }
    return hello;
  }

  welcome(hello: HelloPayload, overrides: Partial<WelcomePayload> = {}): { payload: string; signature: string } {
    const payload = JSON.stringify({
      protocol: PROTOCOL_VERSION,
      instanceId: hello.instanceId,
      agentNonce: hello.agentNonce,
      serverTimeMs: Date.now(),
      heartbeatMs: 20_000,
      silenceMs: 45_000,
      resendMs: 5_000,
      backoff: { baseMs: 10, capMs: 50 },
      want: [],
      drop: [],
      ...overrides,
    } satisfies WelcomePayload);
    return { payload, signature: this.sign("welcome", payload) };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #take(ws: WebSocket): void {
    const connection = new FakeConnection(ws);
    const awaiting = this.#awaited.shift();
    if (awaiting) awaiting(connection);
    else this.#arrived.push(connection);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(`${request.method} ${request.url}`);
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const answer = (status: number, body: unknown): void =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    const body = JSON.parse(text) as Record<string, string>;
    if (request.url === SERVER_KEY_PATH) return answer(200, this.#showKey(body["nonce"] ?? ""));
    if (request.url !== REGISTER_PATH) return answer(404, { Code: "InvalidAction.NotFound", Message: "no such path" });
    const { payload = "", proof } = body;
    const asked = RegisterPayload.parse(JSON.parse(payload));
    const proved =
      proof === proveActivationCode(FAKE_ACTIVATION.activationCode, payload) && this.#nonces.delete(asked.serverNonce);
    if (this.registrationFault === "refuse" || !proved || asked.activationId !== FAKE_ACTIVATION.activationId) {
      return answer(403, { Code: "Forbidden.Activation", Message: "The activation does not allow this." });
    }
    this.registrations.push(asked);
    const instanceId = this.instances.get(asked.publicKey) ?? `mi-fake${this.instances.size + 1}`;
    this.instances.set(asked.publicKey, instanceId);
    if (this.registrationFault === "lose the answer") return void response.destroy();
    const publicKey = this.registrationFault === "answer another host" ? this.publicKey : asked.publicKey;
    const registered = JSON.stringify({ instanceId, publicKey, serverNonce: asked.serverNonce });
    const signature =
      this.registrationFault === "sign with another key"
        ? signByStranger("registered", registered)
        : this.sign("registered", registered);
    return answer(200, { payload: registered, signature });
  }

  #showKey(agentNonce: string): unknown {
    const serverNonce = randomBytes(32).toString("base64");
    this.#nonces.add(serverNonce);
    const payload = this.registrationFault === "replay the server key" ? this.#oldKeyAnswer : undefined;
    const shown = payload ?? JSON.stringify({ publicKey: this.publicKey, agentNonce, serverNonce });
    this.#oldKeyAnswer ??= shown;
    return { payload: shown, signature: this.sign("serverKey", shown) };
  }
}

/** A right signature by a key that nobody has pinned. */
export function signByStranger(context: SigningContext, payload: string): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  return sign(null, Buffer.from(signedText(context, payload)), privateKey).toString("base64");
}
