import { callApi, CallFailed, type Answer } from "./server.ts";
import type { Target } from "./sdk.ts";
import { waitFor } from "./wait-for.ts";

/**
 * Calls until there is an answer: a killed control plane gives none.
 * @param onSilence told of each call that stayed without one
 * @throws {CallFailed} when the answer is a refusal
 */
export async function callUntilAnswered(
  target: Target,
  action: string,
  parameters: Readonly<Record<string, unknown>>,
  onSilence: () => void = () => undefined,
): Promise<Answer> {
  const outcome = await waitFor<{ answer: Answer } | { refused: CallFailed } | undefined>(
    async () => {
      try {
        return { answer: await callApi(target, action, parameters) };
      } catch (error) {
        if (error instanceof CallFailed) return { refused: error };
        onSilence();
        return undefined;
      }
    },
    { withinMs: 30_000, what: `an answer to ${action}` },
  );
  if ("refused" in outcome) throw outcome.refused;
  return outcome.answer;
}
