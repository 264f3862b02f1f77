import { fdatasync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

// Waiting for the disk is done on Node's threads. Everything else is a matter of microseconds in the page cache, for which
// a call of its own is cheaper than a promise: it is on the way of every run.

const fdatasyncLater = promisify(fdatasync);

/** Durable when it resolves: what was written to the file before. */
export async function syncData(file: number): Promise<void> {
  await fdatasyncLater(file);
}

/** Removes a directory that may hold files of these names. @returns false when it holds others too. */
export function unlinkKnown(directory: string, names: readonly string[]): boolean {
  try {
    for (const name of names) removeFile(join(directory, name));
    rmdirSync(directory);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY" || code === "EISDIR") return false;
    if (code !== "ENOENT") throw error;
    return true;
  }
}

/** Removes a directory of plain files, if it is there. */
export function unlinkAll(directory: string): void {
  try {
    for (const name of readdirSync(directory)) removeFile(join(directory, name));
    rmdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY") return unlinkAll(directory); // the writer of a run has begun one more segment
    if (code !== "ENOENT") throw error;
  }
}

/** The writer of a run may remove a segment meanwhile. */
function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
