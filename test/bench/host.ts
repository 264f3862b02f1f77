// DESIGN 10, "one real host": the engine with a control plane in memory against plain `child_process.spawn` with pipes,
// each in a process of its own, at the same concurrency, taking turns because the machine belongs to others as well.
// `node test/bench/host.ts [ROUNDS]`
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { median, printTable, tableRow, type Bench, type Measured } from "./bench.ts";
import { startProgram, stopProgram } from "./processes.ts";

/** What both host programs answer to a request: `count` scripts were run, `concurrency` at once. */
export type HostRequest = { readonly script: string; readonly count: number; readonly concurrency: number };
export type HostFigures = { readonly perSecond: number; readonly cpuMsEach: number };
type HostMeasured = { readonly perSecond: Measured; readonly cpuMsEach: Measured };

const SCRIPTS = 300;
const CONCURRENCIES = [1, 8, 32] as const;
/** One run of 20 MB: what the agent takes for it, not counting the control plane's part of that budget. */
const OUTPUT_SCRIPT = "head -c 20000000 /dev/zero";
const ECHO_SCRIPT = "echo hi";

/** Medians of `rounds` turns of floor and product. */
async function measureAt(request: HostRequest, rounds: number): Promise<HostMeasured> {
  const floor = await startProgram(join(import.meta.dirname, "floor", "spawn-host.ts"));
  const ours = await startProgram(join(import.meta.dirname, "engine-host.ts"));
  try {
    const turns: { floor: HostFigures; ours: HostFigures }[] = [];
    for (const { child } of [floor, ours]) await ask(child, { ...request, count: Math.min(request.count, 20) }); // warm
    for (let round = 0; round < rounds; round++) turns.push({ floor: await ask(floor.child, request), ours: await ask(ours.child, request) });
    const compare = (figure: keyof HostFigures): Measured => ({
      floor: median(turns.map((turn) => turn.floor[figure])),
      ours: median(turns.map((turn) => turn.ours[figure])),
    });
    return { perSecond: compare("perSecond"), cpuMsEach: compare("cpuMsEach") };
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

/** The budgets; those of one concurrency share their measurement. */
export function hostBenches(rounds = 3): Bench[] {
  const echo = CONCURRENCIES.flatMap((concurrency): Bench[] => {
    let measured: Promise<HostMeasured> | undefined;
    const measure = (): Promise<HostMeasured> => (measured ??= measureAt({ script: ECHO_SCRIPT, count: SCRIPTS, concurrency }, rounds));
    return [
      { name: `host, ${concurrency} at once: scripts per second`, unit: "/s", budget: { atLeast: 0.5 }, measure: async () => (await measure()).perSecond },
      { name: `host, ${concurrency} at once: agent CPU per script`, unit: "ms", budget: { atMost: 0.35 }, measure: async () => (await measure()).cpuMsEach },
    ];
  });
  const output: Bench = {
    name: "host: 20 MB of output from one run",
    unit: "ms",
    budget: { atMost: 3 },
    measure: async () => {
      const { perSecond } = await measureAt({ script: OUTPUT_SCRIPT, count: 1, concurrency: 1 }, rounds);
      return { floor: 1000 / perSecond.floor, ours: 1000 / perSecond.ours, note: "agent's side alone" };
    },
  };
  return [...echo, output];
}

export async function measureHost(rounds?: number): Promise<string[][]> {
  const rows: string[][] = [];
  for (const bench of hostBenches(rounds)) rows.push(tableRow(bench, await bench.measure()));
  return rows;
}

if (process.argv[1] === import.meta.filename) {
  const rounds = Number(process.argv[2] ?? 3);
  printTable(await measureHost(rounds));
}
