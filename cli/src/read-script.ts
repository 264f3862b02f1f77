import { readFileSync } from "node:fs";
import { CliFailure } from "./failure.ts";
import { readAll, type Io } from "./io.ts";

/** The words after `--`, the file, or standard input for `-`. */
export async function readScript(words: readonly string[], file: string | undefined, io: Io): Promise<Buffer> {
  const source = words.length === 1 && words[0] === "-" ? "-" : file;
  if (file !== undefined && words.length > 0)
    throw new CliFailure("two scripts were given: either --file, or one after --");
  if (source === "-") return readAll(io.stdin);
  if (source === undefined && words.length === 0)
    throw new CliFailure("a script is wanted: after --, or from --file FILE, or - for standard input");
  if (source === undefined) return Buffer.from(words.join(" "));
  try {
    return readFileSync(source);
  } catch (cause) {
    throw new CliFailure(`the script ${source} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
