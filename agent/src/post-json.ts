import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { parseJson } from "./parse-json.ts";

/** Answers of the agent's routes are a few hundred bytes; more is not one of ours. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** `dateMs` is the server's clock in whole seconds, milliseconds since the epoch; undefined when it did not tell. */
export type HttpAnswer = { readonly status: number; readonly body: unknown; readonly dateMs: number | undefined };

/**
 * One request, no redirects, no retry. `body` of the answer is undefined when it is not JSON.
 * @param ca PEM of the authority to trust; absent: the system's
 * @throws {Error} when there was no answer, it was too long, or `signal` aborted first.
 */
export async function postJson(
  url: URL,
  body: unknown,
  { ca, signal }: { ca?: string | undefined; signal: AbortSignal },
): Promise<HttpAnswer> {
  const text = JSON.stringify(body);
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    connection: "close",
  };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.protocol === "https:" ? requestHttps : requestHttp;
    const options = { method: "POST", headers, signal, agent: false, ...(ca === undefined ? {} : { ca }) };
    request(url, options, resolve).on("error", reject).end(text);
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  const dateMs = Date.parse(answer.headers.date ?? "");
  return {
    status: answer.statusCode ?? 0,
    body: parseJson(Buffer.concat(chunks).toString()),
    dateMs: Number.isNaN(dateMs) ? undefined : dateMs,
  };
}
