import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import { RunEnd } from "@cloud-assistant/shared/protocol/run-end";
import * as z from "zod";
import { replaceFile, syncDirectory } from "./atomic-file.ts";
import { readBootId } from "./launch/procfs.ts";
import { EndedLine, EndRecord, readLedger, toText, type LedgerLine } from "./ledger-lines.ts";
import { parseJson } from "./parse-json.ts";
import { Launch, RunRecord } from "./run-record.ts";
import { REPORT_ROOM } from "./runs.ts";

/** `task.json` before there was a ledger; `end` when this host could not run it. */
const OldRecord = z.object({
  order: TaskOrder,
  ...RunRecord.pick({ bootId: true, mark: true, marker: true }).shape,
  launch: Launch.optional(),
  end: RunEnd.optional(),
});

/**
 * Gives a ledger to the state directory of an agent that had none yet: `finished` held runs that were over, and each run
 * directory its own acceptance and end (`end.json`); `claim` was the claim, `status` was made with the directory, and
 * `running` was emptied when the end mark was written. Runs go on under their old supervisors and writers. Can be cut off
 * at any point and done again; `finished` goes last.
 */
export function adoptOldLayout(stateDir: string, rememberMs: number): void {
  const finished = join(stateDir, "finished");
  if (!existsSync(finished)) return;
  const ledger = join(stateDir, "ledger");
  const lines: LedgerLine[] = existsSync(ledger) ? [...readLedger(readFileSync(ledger)).lines] : [];
  for (const text of readFileSync(finished, "utf8").split("\n")) {
    const line = EndedLine.safeParse(parseJson(text)).data;
    if (line) lines.push(line);
  }
  const known = new Set(lines.map(({ run }) => run));
  for (const name of readdirSync(join(stateDir, "runs"))) {
    const directory = join(stateDir, "runs", name);
    if (name.startsWith(".")) rmSync(directory, { recursive: true, force: true }); // never accepted
    else if (!known.has(name) && existsSync(join(directory, "running")))
      lines.push(adoptRun(name, directory, rememberMs));
  }
  replaceFile(ledger, toText(lines), { sync: true });
  rmSync(finished);
  syncDirectory(stateDir);
}

function adoptRun(run: string, directory: string, rememberMs: number): LedgerLine {
  const task = parseJson(readFileSync(join(directory, "task.json"), "utf8"));
  const old = OldRecord.safeParse(task).data;
  const record = old ? toRecord(old) : RunRecord.safeParse(task).data;
  const expiresMs = (old?.order.expiresMs ?? record?.expiresMs ?? 0) + rememberMs;
  const end = EndRecord.safeParse(parseJson(readIfThere(join(directory, "end.json")))).data;
  if (end) return { run, expiresMs, ...end, acknowledged: false };
  if (old?.end) return { run, expiresMs, end: old.end, outputBytes: 0, acknowledged: false };
  // a damaged one is left alone, and the ledger keeps its order from running again
  if (!record) return { run, expiresMs, bootId: readBootId() };
  renewDirectory(directory, record);
  return { run, expiresMs, bootId: record.bootId };
}

function toRecord({ order, bootId, mark, marker, launch }: z.infer<typeof OldRecord>): RunRecord | undefined {
  if (!launch) return undefined;
  const { expiresMs, timeoutSeconds, terminationMode } = order;
  return {
    expiresMs,
    timeoutSeconds,
    terminationMode,
    sealed: order.sealed !== undefined,
    bootId,
    mark,
    marker,
    launch,
    script: "script/run",
  };
}

function renewDirectory(directory: string, record: RunRecord): void {
  const unclaimed = claimForNobody(join(directory, "claim"));
  const stop = join(directory, "stop"); // it was made with the directory, and filled when a stop was taken
  if (existsSync(stop) && statSync(stop).size <= 1) rmSync(stop);
  replaceFile(join(directory, "task.json"), JSON.stringify(record), { sync: false });
  if (!unclaimed) return;
  writeFileSync(join(directory, "report"), REPORT_ROOM, { mode: 0o600 });
  rmSync(join(directory, "status"), { force: true }); // from here on it can be claimed again
}

/** @returns whether no supervisor of the old agent can start it any more */
function claimForNobody(claim: string): boolean {
  try {
    writeFileSync(claim, "nobody\n", { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return readFileSync(claim, "utf8") === "nobody\n";
  }
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
