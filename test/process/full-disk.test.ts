import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { Ledger } from "@cloud-assistant/agent/ledger";
import { readLedger } from "@cloud-assistant/agent/ledger-lines";
import { afterEach, expect, test } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { openHost, Server, taskOf } from "./host.ts";

const cleanUp: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).toReversed()) await clean();
});

/** A file system of its own, of so many bytes. */
function smallDisk(bytes: number): string {
  const directory = mkdtempSync(join(tmpdir(), "full-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes},mode=711`, "tmpfs", directory]);
  cleanUp.push(
    () => rmSync(directory, { recursive: true }),
    () => void execFileSync("umount", [directory]),
  );
  return directory;
}

function fill(directory: string): void {
  expect(() => writeFileSync(join(directory, "filler"), Buffer.alloc(64 * 1024 * 1024))).toThrow("ENOSPC");
}

/** @returns the first run it had no room for */
async function addUntilFull(ledger: Ledger, runs: string[]): Promise<string> {
  for (let index = 0; ; index++) {
    const run = `t-more${index}.1`;
    try {
      await ledger.add({ run, expiresMs: 1, bootId: "b" });
      runs.push(run);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      return run;
    }
  }
}

const isRoot = userInfo().uid === 0;
const END = { how: "exited", exitCode: 0, startedMs: 1, finishedMs: 2 } as const;

test.runIf(isRoot)(
  "the ledger takes the end of every run it accepted when the disk is full, refuses others, and goes on when there is room",
  async () => {
    const directory = smallDisk(1024 * 1024);
    const ledger = new Ledger(directory, () => 0);
    const runs = Array.from({ length: 200 }, (_, index) => `t-${index}.1`);
    await Promise.all(runs.map((run) => ledger.add({ run, expiresMs: 1, bootId: "b" })));
    fill(directory);
    const refused = await addUntilFull(ledger, runs);
    ledger.retract(refused);
    for (const acknowledged of [false, true])
      for (const run of runs) await ledger.add({ run, expiresMs: 1, end: END, outputBytes: 0, acknowledged });
    const known = ledger.lines();
    expect(known.map(({ run }) => run)).toEqual(runs);
    expect(new Map(readLedger(readFileSync(join(directory, "ledger"))).lines.map((line) => [line.run, line]))).toEqual(
      new Map(known.map((line) => [line.run, line])),
    );
    rmSync(join(directory, "filler"));
    await ledger.add({ run: refused, expiresMs: 1, bootId: "b" });
    ledger.close();
    const next = new Ledger(directory, () => 0);
    expect([next.damagedLines, next.lines().length]).toEqual([0, runs.length + 1]);
    next.close();
  },
);

test.runIf(isRoot)(
  "on a full disk a run that goes on ends as it ends; what comes is refused until there is room, and then runs once",
  async () => {
    const base = smallDisk(16 * 1024 * 1024);
    const server = new Server();
    const host = await openHost(join(base, "state"), { server, spoolMaxBytes: 4 * 1024 * 1024 });
    cleanUp.push(() => host.engine.close());
    const going = taskOf(`echo before; while [ ! -e ${base}/go ]; do sleep 0.02; done; echo after; exit 3`);
    await host.engine.take(going, false);
    await host.printed(going, "before\n");
    mkdirSync(join(base, "go.d")); // its name needs no room later
    fill(base);
    const order = taskOf("exit 4");
    await expect(host.engine.take(order, false)).rejects.toThrow("ENOSPC");
    execFileSync("mv", [join(base, "go.d"), join(base, "go")]);
    const { end, bytes, droppedBytes } = await host.ended(going);
    expect(end).toMatchObject({ how: "exited", exitCode: 3 });
    expect([bytes, droppedBytes >= 0]).toEqual([13, true]); // "before\nafter\n", what could not be kept counted
    await waitFor(() => host.engine.held().length === 0);
    expect(existsSync(join(base, "state", "runs", `${going.invokeId}.1`))).toBe(false);
    rmSync(join(base, "filler"));
    expect((await host.run(order)).end).toMatchObject({ how: "exited", exitCode: 4 });
  },
);
