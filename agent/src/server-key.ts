import { SERVER_KEY_PATH, ServerKeyAnswer, ServerKeyPayload } from "@cloud-assistant/shared/protocol/registration";
import { postJson, type HttpAnswer } from "./post-json.ts";
import { fingerprintOf, isSignedBy, makeNonce, openEd25519PublicKey } from "./proof.ts";
import { httpUrl } from "./server-url.ts";
import { parseJson } from "./parse-json.ts";

export type ServerKey = {
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly serverNonce: string;
} & Pick<HttpAnswer, "dateMs">;

/** The server answered, and not as a control plane does. */
export class NotAControlPlaneError extends Error {
  override readonly name = "NotAControlPlaneError";
}

/**
 * Asks a server for its public key. The answer proves that it holds the private half now, not that it is the right server:
 * that is for the caller to compare.
 */
export async function askServerKey(
  server: string,
  options: { ca?: string | undefined; signal: AbortSignal },
): Promise<ServerKey> {
  const nonce = makeNonce();
  const { status, body, dateMs } = await postJson(httpUrl(server, SERVER_KEY_PATH), { nonce }, options);
  const answer = ServerKeyAnswer.safeParse(body);
  if (status !== 200 || !answer.success)
    throw new NotAControlPlaneError(`${server} answered ${status}, not as a control plane does`);
  const payload = ServerKeyPayload.safeParse(parseJson(answer.data.payload));
  if (!payload.success) throw new NotAControlPlaneError(`${server} answered with a server key that cannot be read`);
  const { publicKey, agentNonce, serverNonce } = payload.data;
  if (agentNonce !== nonce)
    throw new NotAControlPlaneError(`${server} answered for another request: an old answer, replayed`);
  if (!isSignedBy(openEd25519PublicKey(publicKey), "serverKey", answer.data.payload, answer.data.signature)) {
    throw new NotAControlPlaneError(`${server} showed a public key that it cannot sign with`);
  }
  return { publicKey, fingerprint: fingerprintOf(publicKey), serverNonce, dateMs };
}
