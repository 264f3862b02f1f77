import type { ProcessId } from "./launch/procfs.ts";

/** What supervisor and writer have written so far; a line counts once its line feed is there. */
export type RunStatusLines = {
  readonly supervisor?: ProcessId;
  readonly writer?: ProcessId;
  readonly exitCode?: number;
  /** The working directory could not be entered. */
  readonly noDirectory: boolean;
  /** The supervisor could not enter the run's cgroup. */
  readonly noCgroup: boolean;
  /** The writer could not store output any more (the disk is full). */
  readonly outputLost: boolean;
};

export function parseStatus(text: string): RunStatusLines {
  const lines = text.split("\n").slice(0, -1).map((line) => line.split(" "));
  const line = (word: string): string[] | undefined => lines.find(([first]) => first === word);
  const process = (word: string): ProcessId | undefined => {
    const [, pid, startTicks] = line(word) ?? [];
    return pid && startTicks ? { pid: Number(pid), startTicks: Number(startTicks) } : undefined;
  };
  const supervisor = process("claimed");
  const writer = process("writer");
  const exit = line("exit")?.[1];
  return {
    ...(supervisor ? { supervisor } : {}),
    ...(writer ? { writer } : {}),
    ...(exit === undefined ? {} : { exitCode: Number(exit) }),
    noDirectory: line("nodir") !== undefined,
    noCgroup: line("nocgroup") !== undefined,
    outputLost: line("lost") !== undefined,
  };
}
