// The engine with a control plane in memory that acknowledges at once: runs what `host.ts` asks for, from the order taken
// to the end acknowledged. CPU is this process's own, without its children. Run as a child process.
import { RESEND_MS } from "@cloud-assistant/shared/limits";
import { makeStateDir, openHost, taskOf } from "../process/host.ts";
import type { HostFigures, HostRequest } from "./host.ts";

const state = makeStateDir();
const { engine, server } = await openHost(state.path, { resendMs: RESEND_MS });

process.on("message", async (request: HostRequest) => process.send?.(await runScripts(request)));
process.on("disconnect", () => void engine.close().then(state.remove));
process.send?.("ready");

async function runScripts({ script, count, concurrency }: HostRequest): Promise<HostFigures> {
  let left = count;
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) await runOne(script);
    }),
  );
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (count / (performance.now() - startedAt)) * 1000, cpuMsEach: (user + system) / 1000 / count };
}

async function runOne(script: string): Promise<void> {
  const order = taskOf(script);
  const ended = server.whenEnded(order);
  await engine.take(order, false);
  const end = await ended;
  server.runs.delete(order.invokeId);
  if (end.how !== "exited" || end.exitCode !== 0)
    throw new Error(`a script of the benchmark ended otherwise: ${JSON.stringify(end)}`);
}
