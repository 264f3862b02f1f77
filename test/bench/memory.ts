import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { alternate, type Effort, type Row, type Suite } from "./bench.ts";
import { startOneHost } from "./one-host/one-host.ts";
import { rssBytes } from "./processes.ts";

const MIB = 1024 * 1024;
/** At rest: nothing is compiled or collected any more. Milliseconds. */
const REST_MS = 3_000;
const ROOT = join(import.meta.dirname, "..", "..");

export const memory: Suite = {
  name: "memory",
  about: "resident set of an idle agent, as one file, against an empty Node process",
  measure,
};

async function measure({ quick, onProgress }: Effort): Promise<readonly Row[]> {
  const directory = mkdtempSync(join(tmpdir(), "bench-bundle-"));
  try {
    onProgress("bundling the agent");
    const empty = join(directory, "empty.cjs");
    const agent = join(directory, "agent.cjs");
    await bundle(join(import.meta.dirname, "floor", "empty.ts"), empty);
    await bundle(join(import.meta.dirname, "one-host", "agent-program.ts"), agent);
    copyFileSync(join(ROOT, "agent", "src", "launch", "helper.sh"), join(directory, "helper.sh"));
    const rounds = quick ? 1 : 3;
    onProgress(`${rounds} rounds`);
    const sides = {
      floor: async () => {
        const child = spawn(process.execPath, [empty], { stdio: "ignore" });
        const mib = await atRest(child.pid);
        await ended(child);
        return { mib };
      },
      ours: async () => {
        const host = await startOneHost([agent]);
        const mib = await atRest(host.agentPid);
        await host.close();
        return { mib };
      },
    };
    const medians = await alternate(rounds, sides, 0);
    return [
      {
        name: "agent idle RSS, one file",
        unit: "MiB",
        budget: { atMost: 1.5 },
        ...medians("mib"),
        note: "floor: an empty process",
      },
    ];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * The seam for the one-file agent: until that is built, it is bundled here as it will be. CommonJS, because Node's own
 * modules imported from an ES module touch all their exports, and one of node:http's loads 10 MiB (undici).
 */
async function bundle(entry: string, file: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    define: { "import.meta.dirname": "__dirname", "import.meta.url": "__filename" },
    logLevel: "error",
  });
}

async function atRest(pid: number | undefined): Promise<number> {
  if (pid === undefined) throw new Error("the process did not start");
  await sleep(REST_MS);
  return rssBytes(pid) / MIB;
}

async function ended(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
