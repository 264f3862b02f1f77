import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { alternate, type Effort, type Row, type Suite } from "./bench.ts";
import { startOneHost } from "./one-host/one-host.ts";
import { startProgram, stopProgram } from "./processes.ts";

const MIB = 1024 * 1024;
const LINE = "a line of output as a script may print it, with 80 bytes to its end, newline too\n";

export const output: Suite = {
  name: "output",
  about: "20 MB of output of one run, from its script's start until all of it is stored on the control plane",
  measure,
};

async function measure({ quick, onProgress }: Effort): Promise<readonly Row[]> {
  const host = await startOneHost();
  const floor = await startProgram(join(import.meta.dirname, "floor", "output.ts"), [join(host.directory, "floor.db")]);
  try {
    const [noted, text, file] = ["noted", "text", "script"].map((name) => join(host.directory, name)) as [
      string,
      string,
      string,
    ];
    const mebibytes = quick ? 2 : 20;
    writeFileSync(text, LINE.repeat(Math.ceil((mebibytes * MIB) / LINE.length)));
    const script = `date +%s%N >${noted}\nexec cat ${text}\n`;
    writeFileSync(file, script);
    const sinceStart = (storedMs: number) => ({ ms: storedMs - Number(readFileSync(noted, "utf8")) / 1e6 });
    const rounds = quick ? 1 : 9;
    onProgress(`${rounds} × ${mebibytes} MiB`);
    const medians = await alternate(rounds, {
      floor: async () => {
        const stored = once(floor.child, "message");
        floor.child.send(file);
        const [{ storedMs }] = (await stored) as [{ storedMs: number }];
        return sinceStart(storedMs);
      },
      ours: async () => sinceStart((await host.run(script)).storedMs),
    });
    return [
      {
        name: `${mebibytes} MiB of output, started → stored`,
        unit: "ms",
        budget: { atMost: 3 },
        ...medians("ms"),
        note: `p50 of ${rounds}`,
      },
    ];
  } finally {
    await stopProgram(floor.child);
    await host.close();
  }
}
