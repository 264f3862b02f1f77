import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import { z } from "zod";
import { replaceFile } from "./atomic-file.ts";
import type { EndRecord } from "./runs.ts";

const Line = z.object({ run: z.string(), expiresMs: z.int(), end: RunEnd, outputBytes: z.int() });
type Line = z.infer<typeof Line>;

/** Expired lines that make a rewrite worth it. */
const COMPACT_LINES = 1_000;

/**
 * Runs that are over, or were refused, for as long as their order could still arrive: what is in here never starts. Lines
 * are appended and synced before the run's directory goes.
 */
export class Finished {
  readonly #path: string;
  readonly #lines = new Map<string, Line>();

  constructor(stateDir: string, nowMs: number) {
    this.#path = join(stateDir, "finished");
    if (!existsSync(this.#path)) return;
    const texts = readFileSync(this.#path, "utf8").split("\n").slice(0, -1);
    for (const text of texts) {
      const line = Line.parse(JSON.parse(text));
      if (line.expiresMs > nowMs) this.#lines.set(line.run, line);
    }
    if (texts.length - this.#lines.size >= COMPACT_LINES) this.#compact();
  }

  find(run: string): EndRecord | undefined {
    return this.#lines.get(run);
  }

  /** All of them in one write; durable when it returns. */
  add(entries: readonly (EndRecord & { readonly run: string; readonly expiresMs: number })[]): void {
    if (entries.length === 0) return;
    const lines = entries.map(({ run, expiresMs, end, outputBytes }): Line => ({ run, expiresMs, end, outputBytes }));
    const file = openSync(this.#path, "a", 0o600);
    try {
      writeSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    for (const line of lines) this.#lines.set(line.run, line);
  }

  /** Forgets what can no longer arrive. */
  forget(nowMs: number): void {
    let expired = 0;
    for (const [run, { expiresMs }] of this.#lines) {
      if (expiresMs > nowMs) continue;
      this.#lines.delete(run);
      expired += 1;
    }
    if (expired >= COMPACT_LINES) this.#compact();
  }

  #compact(): void {
    replaceFile(this.#path, [...this.#lines.values()].map((line) => `${JSON.stringify(line)}\n`).join(""), { sync: true });
  }
}
