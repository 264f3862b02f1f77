import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Replaces a file in one step: a reader or a crash sees the old text or the new one, never half of it. Mode 0600. */
export function replaceFile(path: string, text: string, { sync }: { sync: boolean }): void {
  const { file, temporary } = writeNew(path, Buffer.from(text), { sync });
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  if (sync) syncDirectory(dirname(path));
}

/** Writes what is to take the place of `path` into a file beside it, which stays open. Mode 0600. */
export function writeNew(
  path: string,
  bytes: Uint8Array,
  { sync }: { sync: boolean },
): { readonly file: number; readonly temporary: string } {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, "w", 0o600);
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    if (sync) fsyncSync(file);
  } catch (error) {
    closeSync(file);
    rmSync(temporary, { force: true });
    throw error;
  }
  return { file, temporary };
}

/** Makes names in a directory durable. Windows cannot open a directory and does not need it. */
export function syncDirectory(path: string): void {
  if (process.platform === "win32") return;
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
