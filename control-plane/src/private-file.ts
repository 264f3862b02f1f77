import {
  chmodSync,
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/**
 * Creates a file that only its owner can read, with all of its content or not at all, whatever crashes.
 * @returns false when the file was there already: it is left alone.
 */
export function createPrivateFile(path: string, content: string): boolean {
  const draft = writeDraft(path, content);
  try {
    linkSync(draft, path); // unlike a rename it never replaces what is there
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  syncDirectory(dirname(path));
  return true;
}

/** Replaces a file at once; readers see the old content or the new. */
export function replaceFile(path: string, content: string, mode: number): void {
  const draft = writeDraft(path, content);
  chmodSync(draft, mode);
  renameSync(draft, path);
  syncDirectory(dirname(path));
}

/**
 * Reads a file that must be private.
 * @returns undefined when there is none.
 * @throws {Error} when group or others can reach it.
 */
export function readPrivateFile(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const mode = fstatSync(fd).mode & 0o777;
    if (mode & 0o077)
      throw new Error(
        `${path} can be reached by others (mode ${mode.toString(8)}): run chmod 600 on it, and replace the secret if they may have read it`,
      );
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

function writeDraft(path: string, content: string): string {
  const draft = `${path}.${process.pid}.draft`;
  rmSync(draft, { force: true });
  const fd = openSync(draft, "wx", 0o600);
  try {
    writeSync(fd, content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return draft;
}

function syncDirectory(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
