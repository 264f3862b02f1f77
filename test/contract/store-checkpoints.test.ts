import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aNonce, anInvocation, openStore, ref, sent } from "../support/stores.ts";
import { waitFor } from "../support/wait-for.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "store-checkpoints-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const MIB = 1024 * 1024;

test(
  "the write-ahead log is cut under load and when idle, and nothing is lost or refused meanwhile",
  { timeout: 60_000 },
  async () => {
    const store = await openStore({ dir, storedOutputMaxBytes: 1024 * MIB });
    const logBytes = async (): Promise<number> => (await stat(join(dir, "control-plane.db-wal"))).size;
    await store.invocations.create(sent(anInvocation("1"), "mi-1"), aNonce());
    const run = ref("1", "mi-1");
    const piece = Buffer.alloc(128 * 1024, 7);
    let stored = 0;
    let largest = 0;
    await waitFor(
      async () => {
        stored = (await store.output.append(run, stored, piece)) ?? -1;
        const bytes = await logBytes();
        largest = Math.max(largest, bytes);
        return largest > 64 * MIB && bytes < 32 * MIB;
      },
      { withinMs: 50_000, what: "the log grows past its bound and is cut" },
    );
    stored = (await store.output.append(run, stored, piece)) ?? -1;
    await waitFor(async () => (await logBytes()) === 0 || (await logBytes()) < 4 * MIB, {
      withinMs: 20_000,
      what: "the log of an idle store is small",
    });
    expect((await store.runs.find(run))?.outputBytes).toBe(stored);
    await store.close();
    await expect(logBytes()).rejects.toMatchObject({ code: "ENOENT" });
  },
);
