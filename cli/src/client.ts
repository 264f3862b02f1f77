import { randomUUID } from "node:crypto";
import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import { ECS_VERSION } from "@cloud-assistant/shared/api/versions";
import { ApiFailure, CliFailure, UnreachableFailure } from "./failure.ts";
import { signCall, toForm } from "./signature.ts";
import type { Target } from "./target.ts";

/** Without an answer for this long a call has failed, milliseconds; the control plane answers at once. */
const CALL_TIMEOUT_MS = 30_000;
/** A stream says something, if only an empty line, every 10 s; three missing ones are a dead connection, milliseconds. */
export const STREAM_SILENCE_MS = 30_000;
/** A call that may be repeated is, until this long after its first try, milliseconds. */
const REPEAT_FOR_MS = 30_000;
const REPEAT_AFTER_MS = 500;

/** A parameter that is absent is left out; a list becomes `Name.1`, `Name.2`, … */
export type Parameters = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** A client of the API like any other: signs calls, reads answers. */
export class Client {
  readonly target: Target;
  readonly #http: HttpAgent | HttpsAgent;
  readonly #secure: boolean;
  readonly #version: string;

  /** @param version of the API whose actions are called */
  constructor(target: Target, version: string = ECS_VERSION) {
    this.target = target;
    this.#version = version;
    this.#secure = new URL(target.endpoint).protocol === "https:";
    this.#http = this.#secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  }

  /** @throws {ApiFailure} for an error answer, {UnreachableFailure} when there was none. */
  async call<T>(action: string, parameters: Parameters): Promise<T> {
    const response = await this.#send(action, parameters, { silenceMs: CALL_TIMEOUT_MS });
    return (await readJson(this.target.endpoint, response)) as T;
  }

  /**
   * A call that the control plane carries out once however often it arrives (it has a ClientToken, or changes nothing when
   * repeated): repeated when the connection broke with the answer under way.
   */
  async callRepeatably<T>(action: string, parameters: Parameters): Promise<T> {
    const end = performance.now() + REPEAT_FOR_MS;
    let maybeSent = false;
    for (;;) {
      try {
        return await this.call<T>(action, parameters);
      } catch (error) {
        maybeSent ||= error instanceof UnreachableFailure && !error.neverSent;
        if (!(error instanceof UnreachableFailure) || !maybeSent || performance.now() > end) throw error;
        await pause(REPEAT_AFTER_MS);
      }
    }
  }

  /** Lines of a streaming answer. @throws {ApiFailure | UnreachableFailure} also when the stream breaks. */
  async *lines(action: string, parameters: Parameters, signal: AbortSignal): AsyncGenerator<string> {
    const response = await this.#send(action, parameters, { silenceMs: STREAM_SILENCE_MS, signal });
    if (response.statusCode !== 200) await readJson(this.target.endpoint, response);
    response.setEncoding("utf8");
    let rest = "";
    try {
      for await (const text of response as AsyncIterable<string>) {
        const parts = (rest + text).split("\n");
        rest = parts.pop() ?? "";
        for (const line of parts) if (line !== "") yield line;
      }
    } catch (error) {
      if (signal.aborted) return;
      throw new UnreachableFailure(this.target.endpoint, error as Error);
    }
  }

  /** Lets the process end: idle connections are closed. */
  close(): void {
    this.#http.destroy();
  }

  #send(
    action: string,
    parameters: Parameters,
    { silenceMs, signal }: { silenceMs: number; signal?: AbortSignal },
  ): Promise<IncomingMessage> {
    const { endpoint, regionId, ...key } = this.target;
    const url = new URL(endpoint);
    const body = toForm(flatten({ RegionId: regionId, ...parameters }));
    const headers = signCall(
      key,
      { host: url.host, action, version: this.#version, body },
      { nonce: randomUUID(), atMs: Date.now() },
    );
    return new Promise((resolve, reject) => {
      const request = (this.#secure ? requestHttps : requestHttp)(url, {
        method: "POST",
        agent: this.#http,
        headers: { ...headers, "content-length": String(Buffer.byteLength(body)) },
        timeout: silenceMs,
        ...(signal && { signal }),
      });
      request.once("response", resolve);
      request.once("error", (error) => reject(new UnreachableFailure(endpoint, error)));
      request.on("timeout", () => request.destroy(new Error(`no word for ${silenceMs / 1000} s`)));
      request.end(body);
    });
  }
}

function flatten(parameters: Parameters): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value === "object") for (const [index, item] of value.entries()) flat[`${name}.${index + 1}`] = item;
    else if (value !== undefined) flat[name] = String(value);
  }
  return flat;
}

async function readJson(endpoint: string, response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch (error) {
    throw new UnreachableFailure(endpoint, error as Error);
  }
  const httpStatus = response.statusCode ?? 0;
  const answer = parseObject(Buffer.concat(chunks).toString());
  if (answer && httpStatus === 200) return answer;
  if (typeof answer?.["Code"] !== "string")
    throw new CliFailure(`${endpoint} answered HTTP ${httpStatus}, not as a control plane does; is the address right?`);
  const { Code, Message, RequestId } = answer as Record<string, string>;
  throw new ApiFailure({ code: Code ?? "", message: Message ?? "", httpStatus, requestId: RequestId ?? "" });
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
