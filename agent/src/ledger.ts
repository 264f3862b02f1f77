import { closeSync, existsSync, openSync, readFileSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { syncDirectory, writeNew } from "./atomic-file.ts";
import { Coalesced } from "./coalesced.ts";
import { syncData } from "./disk.ts";
import { ledgerIdOf } from "./ledger-id.ts";
import { isEnded, readLedger, toText, type LedgerLine } from "./ledger-lines.ts";

/** Lines that say nothing any more, at which the file is written anew, unless it says more than that. */
const COMPACT_LINES = 1_000;
/** Kept free for the end of each accepted run and for the word that the server has it: 300 bytes each, as a rule. */
const END_ROOM_BYTES = 1024;
/** The file grows by so much at once. */
const GROWTH_BYTES = 64 * 1024;

/**
 * Every run that was accepted or refused, in one file that is only appended to: what is in here never starts again. One
 * sync serves all who came before it, and it is all that is synced of a run: its directory only has to outlive the agent,
 * and after a reboot nobody goes on with it. A line is forgotten when the server has the end and the order has expired.
 *
 * Behind the lines stand spaces: room that was taken from the disk when a run was accepted, so that its end can be
 * written when the disk is full.
 */
export class Ledger {
  readonly id: string;
  /** Lines that could not be read when it was opened. */
  readonly damagedLines: number;
  readonly #stateDir: string;
  readonly #now: () => number;
  readonly #runs = new Map<string, LedgerLine>();
  /** Known, not written yet. */
  #pending = new Map<string, LedgerLine>();
  readonly #append = new Coalesced(() => this.#write());
  /** Runs without an end. */
  #open = 0;
  /** Lines in the file. */
  #lines = 0;
  /** With so many it is looked whether they are worth writing anew. */
  #lookAtLines = COMPACT_LINES;
  #endBytes = 0;
  #sizeBytes = 0;
  /** Behind the last line may stand so much of what could not be written whole. */
  #tornBytes = 0;
  /** A new file took the place of the old one, and its name may not be on disk yet. */
  #moving = false;
  #file = -1;

  constructor(stateDir: string, now: () => number) {
    this.#stateDir = stateDir;
    this.#now = now;
    for (const name of readdirSync(stateDir)) if (/^ledger\.\d+\.tmp$/.test(name)) rmSync(join(stateDir, name)); // of a crash in `#compact`
    const missing = !existsSync(this.#path);
    const file = missing ? Buffer.of() : readFileSync(this.#path);
    const { lines, endBytes, damaged } = readLedger(file);
    for (const line of lines) this.#set(line);
    this.damagedLines = damaged;
    const isIncomplete = missing || damaged > 0;
    this.id = ledgerIdOf(stateDir, isIncomplete);
    if (isIncomplete) {
      this.#compact();
    } else {
      this.#file = openSync(this.#path, "r+");
      this.#lines = lines.length;
      this.#endBytes = endBytes;
      this.#sizeBytes = file.length;
      this.#tornBytes = file.subarray(endBytes).every((byte) => byte === SPACE) ? 0 : file.length - endBytes;
    }
  }

  get #path(): string {
    return join(this.#stateDir, "ledger");
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

  /** Known at once, written with the next one that must be durable, or by `close`: when it is lost nothing worse happens than that the end is told again. */
  note(line: LedgerLine): void {
    this.#set(line);
    this.#pending.set(line.run, line);
  }

  /** Takes back what could not be made durable. */
  retract(run: string): void {
    this.#delete(run);
    this.#pending.delete(run);
  }

  forget(): void {
    const nowMs = this.#now();
    for (const [run, line] of this.#runs) {
      if (isEnded(line) && line.acknowledged && line.expiresMs < nowMs && !this.#pending.has(run)) this.#delete(run);
    }
  }

  close(): void {
    try {
      this.#appendPending();
    } catch {
      // as if it had been lost in a crash: whoever needed it was told when it could not be added
    } finally {
      closeSync(this.#file);
    }
  }

  #set(line: LedgerLine): void {
    this.#open += (isEnded(line) ? 0 : 1) - this.#openOf(line.run);
    this.#runs.set(line.run, line);
  }

  #delete(run: string): void {
    this.#open -= this.#openOf(run);
    this.#runs.delete(run);
  }

  #openOf(run: string): 0 | 1 {
    const line = this.#runs.get(run);
    return line && !isEnded(line) ? 1 : 0;
  }

  async #write(): Promise<void> {
    if (this.#moving) return this.#compact();
    if (this.#lines >= this.#lookAtLines && this.#tryCompact()) return;
    const lines = this.#appendPending();
    try {
      await syncData(this.#file);
    } catch (error) {
      this.#pending = new Map([...lines, ...this.#pending]); // a line twice says the same as once
      throw error;
    }
  }

  /** @returns false when it is not worth it, or the disk has no room for a second file. */
  #tryCompact(): boolean {
    this.#lookAtLines = this.#lines + COMPACT_LINES;
    this.forget();
    if (this.#lines - this.#runs.size < Math.max(COMPACT_LINES, this.#runs.size)) return false;
    try {
      this.#compact();
      return true;
    } catch (error) {
      if (this.#moving) throw error;
      return false;
    }
  }

  #appendPending(): Map<string, LedgerLine> {
    const lines = this.#pending;
    const text = Buffer.from(toText(lines.values()));
    this.#makeRoom(text.length);
    this.#blank();
    this.#tornBytes = text.length;
    this.#writeAt(text, this.#endBytes);
    this.#tornBytes = 0;
    this.#endBytes += text.length;
    this.#pending = new Map();
    this.#lines += lines.size;
    return lines;
  }

  /** @throws {Error} when the disk is full, unless only ends are to be written and there is room for them. */
  #makeRoom(bytes: number): void {
    const wanted = this.#endBytes + bytes + this.#open * END_ROOM_BYTES;
    if (wanted <= this.#sizeBytes) return;
    const room = Buffer.alloc(roundUp(wanted) - this.#sizeBytes, SPACE);
    try {
      this.#writeAt(room, this.#sizeBytes);
    } catch (error) {
      const onlyEnds = [...this.#pending.values()].every(isEnded);
      if (!onlyEnds || this.#endBytes + bytes > this.#sizeBytes) throw error;
    }
  }

  #blank(): void {
    if (this.#tornBytes > 0) this.#writeAt(Buffer.alloc(this.#tornBytes, SPACE), this.#endBytes);
  }

  #writeAt(bytes: Buffer, at: number): void {
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.#file, bytes, written, bytes.length - written, at + written);
      this.#sizeBytes = Math.max(this.#sizeBytes, at + written);
    }
  }

  /** Writes a new file with what counts. A crash leaves the old one or the new one, and both say the same. */
  #compact(): void {
    const text = Buffer.from(toText(this.#runs.values()));
    const sizeBytes = roundUp(text.length + this.#open * END_ROOM_BYTES);
    const { file, temporary } = writeNew(
      this.#path,
      Buffer.concat([text, Buffer.alloc(sizeBytes - text.length, SPACE)]),
      { sync: true },
    );
    try {
      renameSync(temporary, this.#path);
    } catch (error) {
      closeSync(file);
      throw error;
    }
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = file;
    this.#moving = true;
    this.#pending = new Map();
    this.#lines = this.#runs.size;
    this.#lookAtLines = this.#lines + COMPACT_LINES;
    this.#endBytes = text.length;
    this.#sizeBytes = sizeBytes;
    this.#tornBytes = 0;
    syncDirectory(this.#stateDir);
    this.#moving = false;
  }
}

const SPACE = 0x20;

function roundUp(bytes: number): number {
  return Math.ceil(bytes / GROWTH_BYTES) * GROWTH_BYTES;
}
