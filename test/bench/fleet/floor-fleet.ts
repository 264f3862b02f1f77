import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { startProgram, stopProgram } from "../processes.ts";
import { createPoster } from "./signed-calls.ts";

/** The floor program in a process of its own, with as many hosts as the product's fleet, which do and send the same. */
export type FloorFleet = {
  readonly pid: number;
  /** An invocation on the hosts `from` to `to`; resolves when all of it is stored. */
  run: (from: number, to: number) => Promise<void>;
  close: () => Promise<void>;
};

export async function startFloorFleet(
  script: string,
  output: Uint8Array,
  connections: number,
  size: number,
): Promise<FloorFleet> {
  const dir = mkdtempSync(join(tmpdir(), "floor-"));
  const program = join(import.meta.dirname, "..", "floor", "control-plane.ts");
  const { child, pid, ready } = await startProgram<{ port: number }>(program, [join(dir, "floor.db")]);
  const poster = createPoster(`http://127.0.0.1:${ready.port}`, connections);
  const sockets: WebSocket[] = [];
  const data = Buffer.from(output).toString("base64");
  for (let instance = 0; instance < size; instance++) {
    const socket = new WebSocket(`ws://127.0.0.1:${ready.port}/${instance}`, { perMessageDeflate: false });
    await once(socket, "open");
    sockets.push(socket);
    socket.on("message", (text: Buffer) => {
      const { id } = JSON.parse(text.toString()) as { id: number };
      socket.send(JSON.stringify({ type: "start", id }));
      socket.send(JSON.stringify({ type: "out", id, data }));
      socket.send(JSON.stringify({ type: "end", id, code: 0 }));
    });
  }
  return {
    pid,
    run: async (from, to) => {
      const instances = Array.from({ length: to - from }, (_, index) => from + index);
      const body = new URLSearchParams({ content: script, instances: instances.join(",") }).toString();
      const signature = createHmac("sha256", "floor").update(body).digest("hex");
      await poster.post("/", { "x-signature": signature }, body);
    },
    close: async () => {
      for (const socket of sockets) socket.terminate();
      poster.close();
      await stopProgram(child);
      rmSync(dir, { recursive: true });
    },
  };
}
