// The control plane against its floor program, both with a fleet of simulated hosts.
import { setTimeout as sleep } from "node:timers/promises";
import { alternate, median, type Effort, type Row, type Suite } from "./bench.ts";
import { startFleet, type Fleet } from "./fleet/control-plane-fleet.ts";
import { startFloorFleet, type FloorFleet } from "./fleet/floor-fleet.ts";
import { cpuMs } from "./processes.ts";

type Size = {
  /** Hosts of the fan-out. */
  readonly hosts: number;
  readonly rounds: number;
  /** Invocations of all hosts in one round. */
  readonly fanOuts: number;
  /** Single-target invocations in one round, `CALLERS` at a time, each on a host of its own. */
  readonly calls: number;
};
const FULL: Size = { hosts: 1000, rounds: 5, fanOuts: 8, calls: 2000 };
const QUICK: Size = { hosts: 40, rounds: 1, fanOuts: 1, calls: 64 };

const SCRIPT = `set -eu\n${"echo a line of a script of the usual size\n".repeat(10)}`;
const OUTPUT = Buffer.from("a line of output of the usual size, 64 bytes with its newline.\n\n".repeat(4));
const CALLERS = 32;
/** Longer than the checkpointer waits, so that its work falls into the round that made it, milliseconds. */
const SETTLE_MS = 2_500;

export const controlPlane: Suite = {
  name: "control-plane",
  about: "the control plane's CPU for a task of a fan-out and of a single call, and how long a fan-out takes",
  measure,
};

type Side = Pick<FloorFleet & Fleet, "pid" | "run">;
type Round = { readonly cpuUs: number; readonly wallMs: number };

async function measure({ quick, onProgress }: Effort): Promise<readonly Row[]> {
  const { hosts, rounds, fanOuts, calls } = quick ? QUICK : FULL;
  onProgress(`connecting ${hosts} hosts to each`);
  const floor = await startFloorFleet(SCRIPT, OUTPUT, CALLERS, hosts);
  const fleet = await startFleet(SCRIPT, OUTPUT, CALLERS);
  try {
    await fleet.grow(hosts);
    const fanOut = (side: Side) => () =>
      measureRound(side, fanOuts * hosts, () => inTurn(fanOuts, () => side.run(0, hosts)));
    const single = (side: Side) => () => measureRound(side, calls, () => callInParallel(side, calls));
    onProgress(`${rounds} × ${fanOuts} fan-outs`);
    const ofFanOut = await alternate(rounds, { floor: fanOut(floor), ours: fanOut(fleet) });
    onProgress(`${rounds} × ${calls} single-target calls`);
    const ofSingle = await alternate(rounds, { floor: single(floor), ours: single(fleet) });
    return [
      {
        name: "control-plane CPU per fan-out task",
        unit: "µs",
        budget: { atMost: 1.6 },
        ...ofFanOut("cpuUs"),
        note: `to ${hosts} hosts`,
      },
      { name: `${hosts}-host invocation, accepted → stored`, unit: "ms", budget: { atMost: 2 }, ...ofFanOut("wallMs") },
      {
        name: "control-plane CPU per single-target call",
        unit: "µs",
        budget: { atMost: 1.6 },
        ...ofSingle("cpuUs"),
        note: `${CALLERS} at a time`,
      },
    ];
  } finally {
    await Promise.all([floor.close(), fleet.close()]);
  }
}

async function measureRound({ pid }: Side, tasks: number, work: () => Promise<number[]>): Promise<Round> {
  const before = cpuMs(pid);
  const wallMs = await work();
  await sleep(SETTLE_MS);
  return { cpuUs: ((cpuMs(pid) - before) * 1000) / tasks, wallMs: median(wallMs) };
}

async function inTurn(times: number, work: () => Promise<void>): Promise<number[]> {
  const wallMs: number[] = [];
  while (wallMs.length < times) {
    const from = performance.now();
    await work();
    wallMs.push(performance.now() - from);
  }
  return wallMs;
}

async function callInParallel(side: Side, times: number): Promise<number[]> {
  const callers = Array.from({ length: CALLERS }, (_, host) =>
    inTurn(Math.ceil(times / CALLERS), () => side.run(host, host + 1)),
  );
  return (await Promise.all(callers)).flat();
}
