import { CLIENT_TOKEN_MS } from "@cloud-assistant/shared/limits";
import type { Context } from "../context.ts";

/** Invocations of one transaction: with 100 runs each it takes some milliseconds. */
const INVOCATIONS_AT_ONCE = 10;
/** Pieces of output of one transaction, at most 128 KiB each: a blob is read as it is freed. */
const PIECES_AT_ONCE = 16;
const RUNS_AT_ONCE = 100;
const TOKENS_AT_ONCE = 100;
/** Between two transactions, milliseconds: whatever waits has its turn. */
const PAUSE_MS = 2;
const DAY_MS = 86_400_000;

/**
 * Forgets results that are older, or more, than the configuration keeps, oldest first; what is not over stays.
 * @returns how many invocations were removed
 * @throws {Error} name `AbortError` when `signal` aborts; what is left goes next time
 */
export async function runOnce(
  context: Pick<Context, "store" | "clock" | "config">,
  signal?: AbortSignal,
): Promise<number> {
  const { store, clock } = context;
  const pause = (): Promise<void> => clock.sleep(PAUSE_MS, signal);
  await removeHistory(context, pause);
  const removed = await removeInvocations(context, pause);
  while (await store.retention.removeOutput(PIECES_AT_ONCE)) await pause();
  const oldTokensMs = clock.now() - CLIENT_TOKEN_MS;
  while ((await store.clientTokens.deleteOlderThan(oldTokensMs, TOKENS_AT_ONCE)) === TOKENS_AT_ONCE) await pause();
  await store.retention.removeDaysBefore(new Date(clock.now()).toISOString().slice(0, 10));
  return removed;
}

/** Runs of schedules that later ones have followed: by age, and before any result that is the latest of its host. */
async function removeHistory(
  { store, clock, config }: Pick<Context, "store" | "clock" | "config">,
  pause: () => Promise<void>,
): Promise<void> {
  const keptFromMs = clock.now() - config.resultsMaxAgeDays * DAY_MS;
  while ((await store.retention.removePastRuns(keptFromMs, RUNS_AT_ONCE)) === RUNS_AT_ONCE) await pause();
  let excess = (await store.retention.countRuns()) - config.resultsMaxCount;
  while (excess > 0) {
    const removed = await store.retention.removePastRuns(clock.now(), Math.min(excess, RUNS_AT_ONCE));
    if (removed === 0) return;
    excess -= removed;
    await pause();
  }
}

async function removeInvocations(
  { store, clock, config }: Pick<Context, "store" | "clock" | "config">,
  pause: () => Promise<void>,
): Promise<number> {
  const keptFromMs = clock.now() - config.resultsMaxAgeDays * DAY_MS;
  let excess = (await store.retention.countRuns()) - config.resultsMaxCount;
  let removed = 0;
  let after = 0;
  for (;;) {
    const oldest = await store.retention.listOldest(after, INVOCATIONS_AT_ONCE);
    const due: number[] = [];
    for (const { seq, updatedMs, runs, open } of oldest) {
      if (open || (updatedMs >= keptFromMs && excess <= 0)) continue;
      due.push(seq);
      excess -= runs;
    }
    if (due.length > 0) removed += await store.retention.removeInvocations(due);
    const last = oldest.at(-1);
    // what was made later changed later
    if (!last || (excess <= 0 && last.createdMs >= keptFromMs)) return removed;
    after = last.seq;
    await pause();
  }
}
