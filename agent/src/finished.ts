import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import * as z from "zod";
import { replaceFile } from "./atomic-file.ts";
import { Coalesced } from "./coalesced.ts";
import { syncFile } from "./disk.ts";
import { parseJson } from "./parse-json.ts";

const Line = z.object({
  run: z.string(),
  /** Until then the order may arrive again, epoch milliseconds. */
  expiresMs: z.int(),
  end: RunEnd,
  outputBytes: z.int().min(0),
  /** The server has committed this end. */
  acknowledged: z.boolean(),
});
export type FinishedRun = z.infer<typeof Line>;

/** Lines that say nothing any more, at which the file is written anew. */
const COMPACT_LINES = 1_000;

/**
 * Runs that are over or were refused: what is in here never starts. A line is appended and synced before a run's directory
 * goes; it is forgotten when the server has it and its order has expired. The last line of a run counts.
 */
export class Finished {
  readonly #path: string;
  readonly #runs = new Map<string, FinishedRun>();
  readonly #append = new Coalesced(() => this.#write());
  #pending: FinishedRun[] = [];
  #lines = 0;
  #file: number;

  constructor(stateDir: string, nowMs: number) {
    this.#path = join(stateDir, "finished");
    if (!existsSync(this.#path)) replaceFile(this.#path, "", { sync: true });
    const text = readFileSync(this.#path, "utf8");
    for (const line of text.split("\n").slice(0, -1)) {
      this.#lines += 1;
      const known = Line.safeParse(parseJson(line)).data; // a line that was cut by a crash was not relied on yet
      if (known) this.#runs.set(known.run, known);
    }
    this.#file = openSync(this.#path, "a");
    if (text !== "" && !text.endsWith("\n")) this.#compact();
    this.forget(nowMs);
  }

  find(run: string): FinishedRun | undefined {
    return this.#runs.get(run);
  }

  unacknowledged(): FinishedRun[] {
    return [...this.#runs.values()].filter(({ acknowledged }) => !acknowledged);
  }

  /** Known at once, durable when it resolves; those who come together are synced together. */
  async add(finished: FinishedRun): Promise<void> {
    this.#runs.set(finished.run, finished);
    this.#pending.push(finished);
    await this.#append.run();
  }

  forget(nowMs: number): void {
    for (const [run, { expiresMs, acknowledged }] of this.#runs) if (acknowledged && expiresMs < nowMs) this.#runs.delete(run);
    if (this.#pending.length === 0 && this.#lines - this.#runs.size >= COMPACT_LINES) this.#compact();
  }

  close(): void {
    closeSync(this.#file);
  }

  async #write(): Promise<void> {
    const lines = this.#pending;
    this.#pending = [];
    try {
      const text = Buffer.from(toText(lines));
      for (let written = 0; written < text.length; ) written += writeSync(this.#file, text, written);
      this.#lines += lines.length;
      await syncFile(this.#file);
    } catch (error) {
      this.#pending = [...lines, ...this.#pending]; // a line twice says the same as once
      throw error;
    }
  }

  #compact(): void {
    replaceFile(this.#path, toText([...this.#runs.values()]), { sync: true });
    closeSync(this.#file);
    this.#file = openSync(this.#path, "a");
    this.#lines = this.#runs.size;
  }
}

function toText(lines: readonly FinishedRun[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}
