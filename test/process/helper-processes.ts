import { readFileSync, readlinkSync } from "node:fs";
import { listProcesses } from "@cloud-assistant/agent/launch/procfs";
import { waitFor } from "../support/wait-for.ts";

const HELPERS = 2;

/** The launch helpers of an engine in process `parent`; the newest ones, as those of closed engines may still be ending. */
export function helpersOf(parent = process.pid): number[] {
  const helpers = listProcesses().filter(
    (found) => found.parent === parent && commandOf(found.pid).includes("\0helper\0"),
  );
  const newest = helpers.toSorted((a, b) => b.startTicks - a.startTicks || b.pid - a.pid).slice(0, HELPERS);
  if (newest.length < HELPERS) throw new Error(`process ${parent} has ${newest.length} helpers`);
  return newest.map(({ pid }) => pid);
}

export type Prepared = { readonly middle: number; readonly supervisor: number; readonly writer: number };

/** The processes that wait for the next run. */
export async function preparedBy(helper: number): Promise<Prepared> {
  return await waitFor(
    () => {
      const [middle] = childrenOf(helper);
      const both = middle === undefined ? [] : childrenOf(middle);
      const supervisor = both.find((pid) => inputOf(pid) === inputOf(helper));
      const writer = both.find((pid) => pid !== supervisor && inputOf(pid) !== inputOf(helper));
      return middle !== undefined && supervisor !== undefined && writer !== undefined
        ? { middle, supervisor, writer }
        : undefined;
    },
    { what: "processes that are prepared for a run" },
  );
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

function childrenOf(pid: number): number[] {
  return listProcesses()
    .filter(({ parent }) => parent === pid)
    .map((found) => found.pid);
}

function inputOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/0`);
  } catch {
    return ""; // gone meanwhile
  }
}
