import { readSync } from "node:fs";
import type { ProcessId } from "./launch/procfs.ts";

/** What supervisor and writer have written so far; a line counts once its line feed is there. */
export type RunStatusLines = {
  readonly supervisor?: ProcessId;
  readonly writer?: ProcessId;
  /** Written before the script begins: without it nothing ever ran. */
  readonly script?: ProcessId & { readonly cgroup?: string };
  readonly exitCode?: number;
  /** The supervisor has done all it had to do: the end mark is in the pipe. */
  readonly marked?: true;
  /** Bytes that came through the pipe, the end mark included, when not all could be stored (disk full): at least. */
  readonly drainedBytes?: number;
};

/** A status is a handful of lines; a cgroup's path is the longest thing in it. */
const buffer = Buffer.alloc(16 * 1024);

export function readStatus(file: number): RunStatusLines {
  return parseStatus(buffer.toString("latin1", 0, readSync(file, buffer, 0, buffer.length, 0)));
}

export function parseStatus(text: string): RunStatusLines {
  const lines = new Map<string, string[]>();
  for (const line of text.split("\n").slice(0, -1)) {
    const words = line.split(" ");
    lines.set(String(words[0]), words);
  }
  const process = (word: string): ProcessId | undefined => {
    const [, pid, startTicks] = lines.get(word) ?? [];
    return pid && startTicks ? { pid: Number(pid), startTicks: Number(startTicks) } : undefined;
  };
  const supervisor = process("claimed");
  const writer = process("writer");
  const script = process("pid");
  const cgroup = lines.get("pid")?.slice(3).join(" ");
  const exit = lines.get("exit")?.[1];
  const drained = lines.get("drained")?.[1];
  return {
    ...(supervisor ? { supervisor } : {}),
    ...(writer ? { writer } : {}),
    ...(script ? { script: { ...script, ...(cgroup && cgroup !== "-" ? { cgroup } : {}) } } : {}),
    ...(exit === undefined ? {} : { exitCode: Number(exit) }),
    ...(lines.has("marked") ? { marked: true } : {}),
    ...(drained === undefined ? {} : { drainedBytes: Number(drained) }),
  };
}
