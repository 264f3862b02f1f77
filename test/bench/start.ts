import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { alternate, type Effort, type Row, type Suite } from "./bench.ts";
import { startOneHost } from "./one-host/one-host.ts";
import { startProgram, stopProgram } from "./processes.ts";

export const start: Suite = {
  name: "start",
  about: "from the commit of a RunCommand until its script runs, on a connected idle host",
  measure,
};

async function measure({ quick, onProgress }: Effort): Promise<readonly Row[]> {
  const host = await startOneHost();
  const floor = await startProgram(join(import.meta.dirname, "floor", "spawn-one.ts"));
  try {
    const noted = join(host.directory, "noted");
    const script = `date +%s%N >${noted}\n`; // the same in both: what `date` itself takes is in both figures
    const file = join(host.directory, "script");
    writeFileSync(file, script);
    const startedMs = (): number => Number(readFileSync(noted, "utf8")) / 1e6;
    const rounds = quick ? 3 : 51;
    onProgress(`${rounds} starts`);
    const medians = await alternate(rounds, {
      floor: async () => {
        const closed = once(floor.child, "message");
        floor.child.send(file);
        const [{ spawnedMs }] = (await closed) as [{ spawnedMs: number }];
        return { ms: startedMs() - spawnedMs };
      },
      ours: async () => {
        const { acceptedMs } = await host.run(script);
        return { ms: startedMs() - acceptedMs };
      },
    });
    return [
      {
        name: "accepted → script started",
        unit: "ms",
        budget: { within: 5 },
        ...medians("ms"),
        note: `p50 of ${rounds}`,
      },
    ];
  } finally {
    await stopProgram(floor.child);
    await host.close();
  }
}
