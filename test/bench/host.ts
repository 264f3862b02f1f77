// The engine with a control plane in memory against plain `child_process.spawn` with pipes, each in a process of its own.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { alternate, type Effort, type Row, type Suite } from "./bench.ts";
import { startProgram, stopProgram } from "./processes.ts";

export const host: Suite = {
  name: "host",
  about: "scripts per second on one host, and the agent's CPU for each",
  measure,
};

/** What both host programs answer to a request: `count` scripts were run, `concurrency` at once. */
export type HostRequest = { readonly script: string; readonly count: number; readonly concurrency: number };
export type HostFigures = { readonly perSecond: number; readonly cpuMsEach: number };

const SCRIPT = "echo hi";
const CONCURRENCIES = [1, 8, 32] as const;

async function measure({ quick, onProgress }: Effort): Promise<readonly Row[]> {
  const floor = await startProgram(join(import.meta.dirname, "floor", "spawn-host.ts"));
  const ours = await startProgram(join(import.meta.dirname, "engine-host.ts"));
  const rows: Row[] = [];
  try {
    for (const concurrency of quick ? [1] : CONCURRENCIES) {
      const request = { script: SCRIPT, count: quick ? 20 : 300, concurrency };
      onProgress(`${request.count} scripts, ${concurrency} at once`);
      const medians = await alternate(quick ? 1 : 3, {
        floor: () => ask(floor.child, request),
        ours: () => ask(ours.child, request),
      });
      rows.push(
        {
          name: `${concurrency} at once: scripts per second`,
          unit: "/s",
          budget: { atLeast: 0.5 },
          ...medians("perSecond"),
        },
        {
          name: `${concurrency} at once: agent CPU per script`,
          unit: "ms",
          budget: { atMost: 0.35 },
          ...medians("cpuMsEach"),
        },
      );
    }
    return rows;
  } finally {
    await Promise.all([floor, ours].map(({ child }) => stopProgram(child)));
  }
}

async function ask(child: ChildProcess, request: HostRequest): Promise<HostFigures> {
  const answer = once(child, "message");
  child.send(request);
  const [figures] = (await answer) as [HostFigures];
  return figures;
}
