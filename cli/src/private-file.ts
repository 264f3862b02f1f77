import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { CliFailure } from "./failure.ts";

/**
 * Reads a file that holds a secret.
 * @returns undefined when there is none.
 * @throws {CliFailure} when it cannot be read, or others can read it too.
 */
export function readSecretFile(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CliFailure(`${path} cannot be read (${(error as Error).message}); run this as the user it belongs to`, {
      cause: error,
    });
  }
  try {
    if (fstatSync(fd).mode & 0o077)
      throw new CliFailure(
        `${path} can be read by others: run chmod 600 on it, and replace the key if they may have read it`,
      );
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}
