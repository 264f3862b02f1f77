import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Store } from "@cloud-assistant/control-plane/store/store";
import { expect, test } from "vitest";
import { campaignRepeats, campaignSeeds } from "../support/campaign.ts";
import { integer, seededRandom } from "../support/random.ts";
import { ACCOUNT, aNonce, anInvocation, kept, openStore, ref, REGION, waiting } from "../support/stores.ts";

const PROGRAM = new URL("../support/store-writer.ts", import.meta.url).pathname;
const COUNT = 5_000;
const ROUNDS = campaignRepeats(4);

/** Lets a process write until it has said `lines` things, kills it, and tells all that it said. */
async function writeAndDie(dir: string, first: number, lines: number): Promise<string[]> {
  const writer = spawn(process.execPath, [PROGRAM, dir, String(first), String(COUNT)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(writer, "exit");
  const said: string[] = [];
  for await (const line of createInterface({ input: writer.stdout })) {
    said.push(line);
    if (said.length === lines) writer.kill("SIGKILL"); // what it says until it is dead is read too
  }
  expect((await exit)[1]).toBe("SIGKILL");
  return said;
}

/** Everything that was said, as the store has it now. */
async function recall(store: Store, said: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const line of said) {
    const [what, n = "", offset] = line.split(" ");
    const run = await store.runs.find(ref(n, "mi-1"));
    const holds = {
      created: run !== undefined && (await store.invocations.find(`t-${n}`)) !== undefined,
      started: run?.run.status !== "Pending",
      stored: (run?.outputBytes ?? 0) >= Number(offset),
      ended: run?.run.status === (Number(n) % 256 === 0 ? "Success" : "Failed"),
    };
    if (holds[what as keyof typeof holds]) found.push(line);
  }
  return found;
}

test.each(campaignSeeds(1))(
  "killed again and again in the middle of writing: all that resolved is there, counters and replays included (seed %i)",
  { timeout: ROUNDS * 15_000 },
  async (seed) => {
    const dir = await mkdtemp(join(tmpdir(), "store-crash-"));
    const random = seededRandom(seed);
    const said: string[] = [];
    try {
      for (let round = 0; round < ROUNDS; round++) {
        said.push(...(await writeAndDie(dir, round * COUNT, integer(random, 1, 1_500))));
        const store = await openStore({ dir });
        expect(await recall(store, said)).toEqual(said);
        await expectWhole(store, said);
        await store.close();
      }
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
);

/** What a torn transaction would show: sums that do not agree with the rows, a nonce or a token without its invocation. */
async function expectWhole(store: Store, said: readonly string[]): Promise<void> {
  const everything = { accountId: ACCOUNT, regionId: REGION, tags: [] };
  const { rows, total } = await store.invocations.list(everything, { limit: 100_000 });
  expect(total).toBe(rows.length);
  expect(rows.every(({ runs }) => runs.length === 2)).toBe(true);
  const runs = await store.runs.list(everything, { limit: 200_000 });
  expect(runs.total).toBe(runs.rows.length);
  expect(runs.total).toBe(rows.length * 2);
  expect(await store.nonces.listUnexpired(0)).toHaveLength(rows.length);
  const pending = rows.filter(
    ({ runs: [first, second] }) => first?.run.status === "Pending" || second?.run.status === "Pending",
  );
  expect((await store.invocations.list({ ...everything, invokeStatus: "Pending" }, { limit: 1 })).total).toBe(
    pending.length,
  );

  const [, n = ""] = said.findLast((line) => line.startsWith("created"))?.split(" ") ?? [];
  const replay = store.invocations.create(waiting(anInvocation("replay"), "mi-1"), aNonce({ nonce: `nonce of ${n}` }));
  await expect(replay).rejects.toMatchObject({ code: "SignatureNonceUsed" });
  expect(await store.clientTokens.find(kept(`token of ${n}`))).toEqual(kept(`token of ${n}`));
}
