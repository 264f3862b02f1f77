// A control plane's store under heavy writing, to be killed: node store-writer.ts DIR FIRST COUNT. Says each thing on a line of
// standard output once its promise has resolved, so what was said must be found on the disk.
import { aNonce, anInvocation, exited, kept, NOW_MS, openStore, ref, sent } from "./stores.ts";

/** Invocations under way at once. */
const AT_ONCE = 40;

const [dir = "", first = "0", count = "0"] = process.argv.slice(2);
const { invocations, runs, output } = await openStore({ dir });
const say = (...words: (string | number)[]): void => void process.stdout.write(`${words.join(" ")}\n`); // a pipe: synchronous

async function live(n: number): Promise<void> {
  const request = aNonce({ nonce: `nonce of ${n}` });
  await invocations.create(sent(anInvocation(`${n}`), "mi-1", "mi-2"), { ...request, kept: kept(`token of ${n}`) });
  say("created", n);
  const run = ref(`${n}`, "mi-1");
  await runs.apply(run, { type: "started", atMs: NOW_MS });
  say("started", n);
  for (let offset = 0; offset < 3_000; offset += 1_000) {
    await output.append(run, offset, Buffer.alloc(1_000, n));
    say("stored", n, offset + 1_000);
  }
  await runs.apply(run, exited(n % 256));
  say("ended", n);
}

const waiting = Array.from({ length: Number(count) }, (_, index) => Number(first) + index);
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let n = waiting.shift(); n !== undefined; n = waiting.shift()) await live(n);
  }),
);
say("done");
