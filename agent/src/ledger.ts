import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import { z } from "zod";
import { replaceFile } from "./atomic-file.ts";
import { Coalesced } from "./coalesced.ts";
import { syncData } from "./disk.ts";
import { parseJson } from "./parse-json.ts";

/** How a run ended, and how many bytes it had printed. */
export const EndRecord = z.object({ end: RunEnd, outputBytes: z.int().min(0) });
export type EndRecord = z.infer<typeof EndRecord>;

const known = {
  run: z.string(),
  /** Until then the order may arrive again, epoch milliseconds. */
  expiresMs: z.int(),
};
/** It may have started; everything else about it is in its directory, as long as the host does not go down. */
const AcceptedLine = z.object({ ...known, bootId: z.string() });
/** It is over or was refused; `acknowledged`: the server has committed this end. */
const EndedLine = z.object({ ...known, ...EndRecord.shape, acknowledged: z.boolean() });
export type AcceptedLine = z.infer<typeof AcceptedLine>;
const Line = z.union([EndedLine, AcceptedLine]);
export type LedgerLine = z.infer<typeof Line>;

/** Lines that say nothing any more, at which the file is written anew, unless it says more than that. */
const COMPACT_LINES = 1_000;

/**
 * Every run that was accepted or refused, in one file that is only appended to: what is in here never starts again. One
 * sync serves all who came before it, and it is all that is synced of a run: its directory only has to outlive the agent,
 * and after a reboot nobody goes on with it. A line is forgotten when the server has the end and the order has expired.
 * The last line of a run counts.
 */
export class Ledger {
  readonly #path: string;
  readonly #runs = new Map<string, LedgerLine>();
  /** Known, not written yet. */
  #pending = new Map<string, LedgerLine>();
  readonly #append = new Coalesced(() => this.#write());
  #lines = 0;
  /** The last write was cut short (disk full): the file ends within a line. */
  #torn = false;
  #file: number;

  constructor(stateDir: string, nowMs: number) {
    this.#path = join(stateDir, "ledger");
    if (!existsSync(this.#path)) replaceFile(this.#path, "", { sync: true });
    const text = readFileSync(this.#path, "utf8");
    for (const part of text.split("\n").slice(0, -1)) {
      this.#lines += 1;
      const line = Line.safeParse(parseJson(part)).data; // one that was cut by a crash was not relied on yet
      if (line) this.#runs.set(line.run, line);
    }
    this.#file = openSync(this.#path, "a");
    if (text !== "" && !text.endsWith("\n")) this.#compact();
    this.forget(nowMs);
  }

  find(run: string): LedgerLine | undefined {
    return this.#runs.get(run);
  }

  lines(): LedgerLine[] {
    return [...this.#runs.values()];
  }

  /** Known at once, durable when it resolves. */
  async add(line: LedgerLine): Promise<void> {
    this.note(line);
    await this.#append.run();
  }

  /** Takes back what could not be made durable. */
  retract(run: string): void {
    this.#runs.delete(run);
    this.#pending.delete(run);
  }

  /** Known at once, written with the next one that must be durable, or by `close`: when it is lost nothing worse happens than that the end is told again. */
  note(line: LedgerLine): void {
    this.#runs.set(line.run, line);
    this.#pending.set(line.run, line);
  }

  forget(nowMs: number): void {
    for (const [run, line] of this.#runs) {
      if ("end" in line && line.acknowledged && line.expiresMs < nowMs && !this.#pending.has(run)) this.#runs.delete(run);
    }
  }

  close(): void {
    this.#appendPending();
    closeSync(this.#file);
  }

  async #write(): Promise<void> {
    if (this.#lines - this.#runs.size >= Math.max(COMPACT_LINES, this.#runs.size)) return this.#compact();
    const lines = this.#appendPending();
    try {
      await syncData(this.#file);
    } catch (error) {
      this.#pending = new Map([...lines, ...this.#pending]); // a line twice says the same as once
      throw error;
    }
  }

  #appendPending(): Map<string, LedgerLine> {
    const lines = this.#pending;
    const text = Buffer.from((this.#torn ? "\n" : "") + toText(lines.values()));
    this.#torn = true;
    for (let written = 0; written < text.length; ) written += writeSync(this.#file, text, written);
    this.#torn = false;
    this.#pending = new Map();
    this.#lines += lines.size;
    return lines;
  }

  #compact(): void {
    replaceFile(this.#path, toText(this.#runs.values()), { sync: true });
    closeSync(this.#file);
    this.#file = openSync(this.#path, "a");
    this.#pending = new Map();
    this.#torn = false;
    this.#lines = this.#runs.size;
  }
}

function toText(lines: Iterable<LedgerLine>): string {
  let text = "";
  for (const line of lines) text += `${JSON.stringify(line)}\n`;
  return text;
}
