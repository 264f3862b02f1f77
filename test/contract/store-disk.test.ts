import { execFile, execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aNonce, anInvocation, openStore, ref, seatStore, sent } from "../support/stores.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "store-disk-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const isRoot = process.getuid?.() === 0;
const run = ref("1", "mi-1");

// a file system of its own needs root
test.runIf(isRoot)(
  "a full disk refuses what it cannot hold, loses nothing it took, and takes writes again when there is room",
  async () => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", dir]);
    try {
      const filler = join(dir, "filler");
      await writeFile(filler, Buffer.alloc(1_000_000));
      const data = join(dir, "data");
      const seat = await seatStore({ dir: data });
      await seat.store.invocations.create(sent(anInvocation("1"), "mi-1"), aNonce());
      let stored = 0;
      const fill = async (): Promise<void> => {
        for (;;) stored = (await seat.store.output.append(run, stored, Buffer.alloc(50_000, 7))) ?? -1;
      };
      await expect(fill()).rejects.toMatchObject({
        message: "the database could not commit",
        cause: { code: "SQLITE_FULL" },
      });
      expect(stored).toBeGreaterThan(100_000);
      // a batch of several, each of which could have been the one too many
      const batch = Array.from({ length: 5 }, (_, n) =>
        seat.store.invocations.create(
          sent(anInvocation(`big-${n}`, { content: Buffer.alloc(200_000) }), "mi-1"),
          aNonce(),
        ),
      );
      expect((await Promise.allSettled(batch)).map(({ status }) => status)).toEqual(batch.map(() => "rejected"));
      expect((await seat.store.runs.find(run))?.outputBytes).toBe(stored);
      expect(await seat.store.invocations.find("t-big-0")).toBeUndefined();

      await rm(filler);
      expect(await seat.store.output.append(run, stored, Buffer.alloc(50_000, 7))).toBe(stored + 50_000);
      await seat.store.invocations.create(sent(anInvocation("2"), "mi-1"), aNonce());
      const store = await seat.reopen();
      expect((await store.runs.find(run))?.outputBytes).toBe(stored + 50_000);
      expect(await store.invocations.find("t-2")).toBeDefined();
      expect(
        (await store.invocations.list({ accountId: "1", regionId: "cn-lab", tags: [] }, { limit: 10 })).total,
      ).toBe(2);
      await seat.store.close();
    } finally {
      execFileSync("umount", [dir]);
    }
  },
);

test("an I/O error refuses the write alone; afterwards all goes on", async () => {
  const program = new URL("../support/store-limited.ts", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [program, dir]);
  const told = JSON.parse(stdout) as { error: string; resolved: number; during: number; after: boolean };
  expect(told.error).toMatch(/^the database could not commit: SQLITE_(IOERR|FULL)/);
  expect(told.resolved).toBeGreaterThan(100_000);
  expect(told).toMatchObject({ during: told.resolved, after: true });
  const store = await openStore({ dir });
  expect((await store.runs.find(run))?.outputBytes).toBe(told.resolved + 64 * 1024);
  await store.close();
});

test("directory and database are their owner's alone", async () => {
  const data = join(dir, "new", "data");
  const store = await openStore({ dir: data });
  await store.invocations.create(sent(anInvocation("1"), "mi-1"), aNonce());
  expect((await stat(data)).mode & 0o777).toBe(0o700);
  for (const file of ["control-plane.db", "control-plane.db-wal", "control-plane.db-shm"]) {
    expect((await stat(join(data, file))).mode & 0o777).toBe(0o600);
  }
  await store.close();
  await chmod(join(data, "control-plane.db"), 0o644);
  await (await openStore({ dir: data })).close();
  expect((await stat(join(data, "control-plane.db"))).mode & 0o777).toBe(0o600);
});

test("a second control plane on the same directory is refused, in this process and in another", async () => {
  const store = await openStore({ dir });
  await expect(openStore({ dir })).rejects.toThrow(`the data directory ${dir} is in use by another control plane`);
  const program = new URL("../support/store-writer.ts", import.meta.url).pathname;
  await expect(promisify(execFile)(process.execPath, [program, dir, "0", "0"])).rejects.toMatchObject({
    stderr: expect.stringContaining("is in use by another control plane") as string,
  });
  await store.close();
  await (await openStore({ dir })).close();
});

test("a closed store refuses writes", async () => {
  const store = await openStore({ dir });
  await store.close();
  await expect(store.nonces.deleteExpired(0)).rejects.toThrow("the store is closed");
});
