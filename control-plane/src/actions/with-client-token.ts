import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import { clientTokenPurpose } from "../domain/seal-purposes.ts";
import type { ClientToken, RequestNonce } from "../store/store.ts";
import type { Call } from "./action.ts";

/**
 * Does a mutation once for its ClientToken (api-facts 1.8): same token and parameters, same answer, whatever happened in
 * between. `run` passes `requestFor(answer)` to the store method that writes, in place of `call.request`; answer, nonce and
 * mutation are then one transaction. Two calls at once both run, one commits, and the other finds its answer.
 * @throws {ApiError} `IdempotentParameterMismatch`, or what `run` throws when nobody was faster.
 */
export async function withClientToken<A extends object>(
  context: Pick<Context, "store" | "keys" | "clock">,
  call: Call,
  token: string | undefined,
  run: (requestFor: (answer: A) => RequestNonce) => Promise<A>,
): Promise<A> {
  if (token === undefined) return run(() => call.request);
  const clientToken = { accountId: call.caller.accountId, action: call.action, token };
  // before any check: what was accepted once is answered again, even if it would not be accepted any more
  const earlier = await findAnswer<A>(context, clientToken, call);
  if (earlier) return earlier;
  const requestFor = (answer: A): RequestNonce => {
    const sealedAnswer = context.keys.seal(clientTokenPurpose(clientToken), JSON.stringify(answer));
    const kept = {
      ...clientToken,
      parametersHash: call.parametersHash(),
      createdMs: context.clock.now(),
      sealedAnswer,
    };
    return { ...call.request, kept };
  };
  try {
    return await run(requestFor);
  } catch (error) {
    const faster = await findAnswer<A>(context, clientToken, call);
    if (faster) return faster;
    throw error;
  }
}

async function findAnswer<A>(
  { store, keys }: Pick<Context, "store" | "keys">,
  token: ClientToken,
  call: Call,
): Promise<A | undefined> {
  const kept = await store.clientTokens.find(token);
  if (!kept) return undefined;
  if (kept.parametersHash !== call.parametersHash()) throw new ApiError("IdempotentParameterMismatch");
  return JSON.parse(keys.unseal(clientTokenPurpose(token), kept.sealedAnswer)) as A;
}
