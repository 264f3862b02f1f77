// The floor for starting scripts: plain `child_process.spawn` with pipes, the output collected, the exit awaited.
import { spawn } from "node:child_process";

/** Runs `sh FILE` `count` times, `concurrency` at once. CPU is this process's own, without its children. */
export async function spawnScripts(
  file: string,
  count: number,
  concurrency: number,
): Promise<{ perSecond: number; cpuMsEach: number }> {
  let left = count;
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) await spawnOne(file);
    }),
  );
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (count / (performance.now() - startedAt)) * 1000, cpuMsEach: (user + system) / 1000 / count };
}

function spawnOne(file: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", [file], { stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", () => resolve(Buffer.concat(chunks)));
  });
}
