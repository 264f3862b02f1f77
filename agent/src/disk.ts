import { closeSync, fdatasync, fsync, openSync, readdirSync, rmdirSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

// Waiting for the disk is done on Node's threads. Everything else is a matter of microseconds in the page cache, for which
// a call of its own is cheaper than a promise: it is on the way of every run.

const fsyncLater = promisify(fsync);
const fdatasyncLater = promisify(fdatasync);

export async function syncFile(file: number): Promise<void> {
  await fsyncLater(file);
}

/** Writes `text` at the beginning of a file that has room for it; durable when it resolves. */
export async function overwrite(path: string, text: string): Promise<void> {
  const file = openSync(path, "r+");
  try {
    writeSync(file, text, 0);
    await fdatasyncLater(file);
  } finally {
    closeSync(file);
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
