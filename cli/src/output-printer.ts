import { StringDecoder } from "node:string_decoder";
import { write, type Io } from "./io.ts";
import { LinePrefixer } from "./line-prefixer.ts";
import type { OutputEvent, StatusLine } from "./output-stream.ts";
import { printable, printableLines } from "./printable.ts";

/** Something at the bottom of the screen that is hidden before a line is written there; it comes back by itself. */
export type Bar = { hide: () => void };

/**
 * Writes what hosts print: of one host its bytes as they are, of several whole lines with the name before each.
 */
export class OutputPrinter {
  readonly #io: Io;
  readonly #names: ReadonlyMap<string, string>;
  readonly #prefixers: ReadonlyMap<string, LinePrefixer>;
  readonly #decoder: StringDecoder | undefined;
  readonly #bar: Bar | undefined;

  /**
   * @param names of every host, by id
   * @param options `escape`: show control characters of one host's output instead of sending them to the terminal
   */
  constructor(
    io: Io,
    names: ReadonlyMap<string, string>,
    { escape = false, bar }: { escape?: boolean; bar?: Bar | undefined } = {},
  ) {
    const several = names.size > 1;
    const width = Math.max(...Array.from(names.values(), ({ length }) => length));
    this.#io = io;
    this.#names = names;
    this.#prefixers = new Map(
      several ? Array.from(names, ([id, name]) => [id, new LinePrefixer(`${name.padEnd(width)} | `)]) : [],
    );
    this.#decoder = escape ? new StringDecoder() : undefined;
    this.#bar = bar;
  }

  async print(event: OutputEvent): Promise<void> {
    const prefixer = this.#prefixers.get(event.instanceId);
    switch (event.type) {
      case "data":
        return this.#write(prefixer ? prefixer.push(event.bytes) : this.#shown(event.bytes));
      case "gap":
        return this.tell(
          `${this.nameOf(event.instanceId)}: ${event.bytes} bytes of output were dropped here (more than is kept)`,
        );
      case "status":
        return event.line.Ended ? this.#write(prefixer ? prefixer.end() : this.#shownRest()) : undefined;
    }
  }

  /** A line on standard error. */
  async tell(text: string): Promise<void> {
    this.#bar?.hide();
    await write(this.#io.stderr, `${text}\n`);
  }

  nameOf(instanceId: string): string {
    return this.#names.get(instanceId) ?? printable(instanceId);
  }

  #shown(bytes: Buffer): Buffer | string {
    return this.#decoder && this.#io.stdout.isTTY ? printableLines(this.#decoder.write(bytes)) : bytes;
  }

  #shownRest(): string {
    return this.#decoder && this.#io.stdout.isTTY ? printableLines(this.#decoder.end()) : "";
  }

  async #write(data: Buffer | string): Promise<void> {
    if (data.length === 0) return;
    this.#bar?.hide();
    await write(this.#io.stdout, data);
  }
}

/** `Failed, exit code 3`; `Timeout: the command …`. */
export function statusText({
  InvocationStatus,
  ExitCode,
  ErrorInfo,
}: Pick<StatusLine, "InvocationStatus" | "ExitCode" | "ErrorInfo">): string {
  if (InvocationStatus === "Failed" && ExitCode !== undefined) return `Failed, exit code ${ExitCode}`;
  return ErrorInfo ? `${InvocationStatus}: ${printable(ErrorInfo)}` : InvocationStatus;
}
