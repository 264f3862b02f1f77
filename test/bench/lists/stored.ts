import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Target } from "../../support/sdk.ts";
import { callSigned, createPoster } from "../fleet/signed-calls.ts";
import { startProgram, stopProgram } from "../processes.ts";
import { fill } from "./fill.ts";

/** A control plane in a process of its own over so many stored invocations. */
export type Stored = {
  readonly call: (action: string, parameters: Readonly<Record<string, string>>) => Promise<Record<string, unknown>>;
  readonly close: () => Promise<void>;
};

export async function startStored(count: number, onProgress: (stored: number) => void): Promise<Stored> {
  const dataDir = mkdtempSync(join(tmpdir(), "stored-"));
  const start = () =>
    startProgram<{ endpoint: string }>(
      join(import.meta.dirname, "..", "fleet", "server-program.ts"),
      [dataDir],
      [],
      join(dataDir, "log"),
    );
  await stopProgram((await start()).child); // makes the database, and the key
  await fill(dataDir, count, onProgress);
  const { child, ready } = await start();
  const key = JSON.parse(readFileSync(join(dataDir, "root-access-key.json"), "utf8")) as {
    AccessKeyId: string;
    AccessKeySecret: string;
  };
  const target: Target = {
    endpoint: ready.endpoint,
    accessKeyId: key.AccessKeyId,
    accessKeySecret: key.AccessKeySecret,
  };
  const poster = createPoster(ready.endpoint, 1);
  return {
    call: (action, parameters) => callSigned(poster, target, action, parameters),
    close: async () => {
      poster.close();
      await stopProgram(child);
      rmSync(dataDir, { recursive: true });
    },
  };
}
