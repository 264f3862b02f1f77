// The control plane's budgets of DESIGN 10 against the floor programs, alternating in one run. Alone:
// `node test/bench/control-plane.ts [idle connections]`.
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { median, printTable, tableRow, type Bench, type Measured } from "./bench.ts";
import { startFleet, type Fleet } from "./fleet/control-plane-fleet.ts";
import { startFloorFleet, type FloorFleet } from "./fleet/floor-fleet.ts";
import { cpuMs, startProgram, stopProgram } from "./processes.ts";

export type ControlPlaneBenchOptions = {
  /** Hosts of the fan-out. */
  readonly hosts: number;
  readonly rounds: number;
  /** Invocations of all hosts in one round. */
  readonly fanOuts: number;
  /** Single-target invocations in one round, `CALLERS` at a time, each on a host of its own. */
  readonly calls: number;
  /** Both ends of each need a descriptor of their process. */
  readonly idleConnections: number;
};
const DEFAULTS: ControlPlaneBenchOptions = { hosts: 1000, rounds: 5, fanOuts: 8, calls: 2000, idleConnections: 10_000 };

const SCRIPT = `set -eu\n${"echo a line of a script of the usual size\n".repeat(10)}`;
const OUTPUT = Buffer.from("a line of output of the usual size, 64 bytes with its newline.\n\n".repeat(4));
const CALLERS = 32;
/** Invocations before the first measurement: by then everything hot is compiled. */
const WARM_UP = 10;
/** Longer than the checkpointer waits, so that its work falls into the round that made it, milliseconds. */
const SETTLE_MS = 2_500;

type Side = Pick<FloorFleet & Fleet, "pid" | "run">;
type Round = { readonly cpuUsEach: number; readonly wallMs: readonly number[] };

/** Rows of the table: measured, with their budgets. */
export async function controlPlaneRows(options: Partial<ControlPlaneBenchOptions> = {}): Promise<string[][]> {
  const { hosts, rounds, fanOuts, calls, idleConnections } = { ...DEFAULTS, ...options };
  const floor = await startFloorFleet(SCRIPT, OUTPUT, CALLERS, hosts);
  const fleet = await startFleet(SCRIPT, OUTPUT, CALLERS);
  try {
    await fleet.grow(hosts);
    const fanOut = (side: Side, times: number): Promise<Round> => measure(side, times * hosts, async () => inTurn(times, () => side.run(0, hosts)));
    const single = (side: Side, times: number): Promise<Round> => measure(side, times, () => callInParallel(side, times));
    const fanOutRounds = await alternate(rounds, [floor, fleet], (side) => fanOut(side, fanOuts), (side) => fanOut(side, WARM_UP));
    const singleRounds = await alternate(rounds, [floor, fleet], (side) => single(side, calls), (side) => single(side, calls));
    return [
      row("control-plane CPU per task, fan-out", "µs", { atMost: 1.6 }, fanOutRounds, cpu, `to ${hosts} hosts`),
      row(`${hosts}-host invocation, accepted → stored`, "ms", { atMost: 2 }, fanOutRounds, wall),
      row("control-plane CPU per single-target call", "µs", { atMost: 1.6 }, singleRounds, cpu, `${CALLERS} at a time`),
      await idleRow(idleConnections),
    ];
  } finally {
    await Promise.all([floor.close(), fleet.close()]);
  }
}

async function measure({ pid }: Side, times: number, work: () => Promise<number[]>): Promise<Round> {
  const before = cpuMs(pid);
  const wallMs = await work();
  await sleep(SETTLE_MS);
  return { cpuUsEach: ((cpuMs(pid) - before) * 1000) / times, wallMs };
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
  const callers = Array.from({ length: CALLERS }, (_, host) => inTurn(Math.ceil(times / CALLERS), () => side.run(host, host + 1)));
  return (await Promise.all(callers)).flat();
}

type Rounds = { readonly floor: readonly Round[]; readonly ours: readonly Round[] };

/** Floor, ours, floor, ours, …, so that whatever else the machine does meets both. */
async function alternate(
  rounds: number,
  [floor, ours]: readonly [Side, Side],
  round: (side: Side) => Promise<Round>,
  warmUp: (side: Side) => Promise<Round>,
): Promise<Rounds> {
  await warmUp(floor);
  await warmUp(ours);
  const measured = { floor: [] as Round[], ours: [] as Round[] };
  for (let index = 0; index < rounds; index++) {
    measured.floor.push(await round(floor));
    measured.ours.push(await round(ours));
  }
  return measured;
}

const cpu = (rounds: readonly Round[]): number => median(rounds.map(({ cpuUsEach }) => cpuUsEach));
const wall = (rounds: readonly Round[]): number => median(rounds.flatMap(({ wallMs }) => wallMs));

function row(name: string, unit: string, budget: Bench["budget"], { floor, ours }: Rounds, of: (rounds: readonly Round[]) => number, note = ""): string[] {
  return toRow(name, unit, budget, { floor: of(floor), ours: of(ours), note });
}

function toRow(name: string, unit: string, budget: Bench["budget"], measured: Measured): string[] {
  return tableRow({ name, unit, budget, measure: async () => measured }, measured);
}

/** Memory of connections that did no more than it takes to be connected; ours are proven by then. */
async function idleRow(connections: number): Promise<string[]> {
  const floor = await floorIdleBytes(connections);
  const fleet = await startFleet(SCRIPT, OUTPUT, 1, ["--expose-gc"]);
  try {
    await fleet.grow(1); // what the first connection loads is no connection's memory
    const before = await residentBytes(fleet.child);
    await fleet.grow(connections + 1);
    const ours = ((await residentBytes(fleet.child)) - before) / connections;
    return toRow("memory per idle connection", "KB", { atMostAbsolute: 12 }, { floor: floor / 1024, ours: ours / 1024, note: `${connections} of them` });
  } finally {
    await fleet.close();
  }
}

async function floorIdleBytes(connections: number): Promise<number> {
  const program = join(import.meta.dirname, "floor", "idle-connections.ts");
  const { child, ready } = await startProgram<{ port: number }>(program, [], ["--expose-gc"]);
  const sockets: WebSocket[] = [];
  const connect = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index++) {
      const socket = new WebSocket(`ws://127.0.0.1:${ready.port}`, { perMessageDeflate: false });
      await once(socket, "open");
      sockets.push(socket);
    }
  };
  await connect(1);
  const before = await residentBytes(child);
  await connect(connections);
  const bytes = ((await residentBytes(child)) - before) / connections;
  for (const socket of sockets) socket.terminate();
  await stopProgram(child);
  return bytes;
}

async function residentBytes(child: Fleet["child"]): Promise<number> {
  const answered = once(child, "message");
  child.send("rss");
  const [{ rss }] = (await answered) as [{ rss: number }];
  return rss;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [connections] = process.argv.slice(2);
  printTable(await controlPlaneRows(connections === undefined ? {} : { idleConnections: Number(connections) }));
}
