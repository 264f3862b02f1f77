import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { WebSocket } from "ws";
import { alternate, type Effort, type Row, type Suite } from "./bench.ts";
import { startFleet, type Fleet } from "./fleet/control-plane-fleet.ts";
import { startProgram, stopProgram } from "./processes.ts";

const KIB = 1024;
const CONNECTIONS = 10_000;
/** Descriptors a process has besides those of its connections, amply. */
const OTHER_FILES = 500;

export const connections: Suite = {
  name: "connections",
  about: "the control plane's memory per idle connection",
  measure,
};

/** Of connections that did no more than it takes to be connected; ours are proven by then. Plain TCP. */
async function measure({ quick, onProgress }: Effort): Promise<readonly Row[]> {
  const count = quick ? 100 : Math.min(CONNECTIONS, maxOpenFiles() - OTHER_FILES);
  onProgress(`connecting ${count} hosts to each`);
  const sides = {
    floor: async () => ({ kib: (await floorBytes(count)) / KIB }),
    ours: async () => ({ kib: (await ourBytes(count)) / KIB }),
  };
  const medians = await alternate(1, sides, 0);
  return [
    {
      name: "memory per idle connection",
      unit: "KiB",
      budget: { atMostAbsolute: 12 },
      ...medians("kib"),
      note: `${count} of them`,
    },
  ];
}

function maxOpenFiles(): number {
  return Number(/Max open files\s+(\d+)/.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]);
}

async function ourBytes(count: number): Promise<number> {
  const fleet = await startFleet("", new Uint8Array(), 1, ["--expose-gc"]);
  try {
    await fleet.grow(1); // what the first connection loads is no connection's memory
    const before = await residentBytes(fleet.child);
    await fleet.grow(count + 1);
    return ((await residentBytes(fleet.child)) - before) / count;
  } finally {
    await fleet.close();
  }
}

async function floorBytes(count: number): Promise<number> {
  const program = join(import.meta.dirname, "floor", "idle-connections.ts");
  const { child, ready } = await startProgram<{ port: number }>(program, [], ["--expose-gc"]);
  const sockets: WebSocket[] = [];
  const connect = async (more: number): Promise<void> => {
    for (let index = 0; index < more; index++) {
      const socket = new WebSocket(`ws://127.0.0.1:${ready.port}`, { perMessageDeflate: false });
      await once(socket, "open");
      sockets.push(socket);
    }
  };
  await connect(1);
  const before = await residentBytes(child);
  await connect(count);
  const bytes = ((await residentBytes(child)) - before) / count;
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
