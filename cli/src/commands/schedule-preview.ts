import {
  formatLocal,
  previewRuns,
  previewWarnings,
  type PreviewQuestion,
  type PreviewRun,
} from "@cloud-assistant/shared/schedule/preview";
import { Refusal } from "@cloud-assistant/shared/schedule/refusal";
import { parseSchedule, placeSchedule, type PlacedSchedule } from "@cloud-assistant/shared/schedule/schedule";
import { findHostZone, type Zone } from "@cloud-assistant/shared/schedule/zone/name";
import { CliFailure } from "../failure.ts";
import { readInstant } from "../instant.ts";
import { readAll, write, writeJson, type Io } from "../io.ts";
import { toTable } from "../table.ts";

/** The expression cannot be read; why is on standard error, or in its line of many. */
const REFUSED = 1;

export type PreviewFlags = { zone?: string; from?: string; count: number; timeout: number; json?: boolean };

/** Needs no server: the code that reads expressions is the one of control plane and agent. */
export async function runSchedulePreview(expression: string, flags: PreviewFlags, io: Io): Promise<number> {
  const nowMs = Date.now();
  const machineZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const hostZone = flags.zone ?? machineZone;
  if (findHostZone(hostZone) === undefined) throw new CliFailure(`no time zone ${JSON.stringify(hostZone)} is known`);
  if (expression === "-") return previewMany(await readAll(io.stdin), { ...flags, hostZone, nowMs }, io);

  const asked = ask(expression, flags.from, { ...flags, hostZone, nowMs });
  if (asked instanceof Refusal) throw new CliFailure(asked.toString(), { exitCode: REFUSED });
  const { placed, question } = asked;
  const runs = previewRuns(placed, question);
  if (flags.json) await writeJson(io, runs);
  else await write(io.stdout, runs.length > 0 ? toTimes(placed.zone, machineZone, runs) : "no run is to come\n");
  await write(
    io.stderr,
    previewWarnings(placed, question)
      .map((warning) => `warning: ${warning}\n`)
      .join(""),
  );
  return 0;
}

type Settings = PreviewFlags & { readonly hostZone: string; readonly nowMs: number };
type Asked = { readonly placed: PlacedSchedule; readonly question: PreviewQuestion };

/** One `expression<TAB>from` a line, one JSON array a line; a line that cannot be read is answered by an object that says why. */
async function previewMany(input: Buffer, settings: Settings, io: Io): Promise<number> {
  let refused = false;
  for (const line of input.toString().split(/\r?\n/)) {
    if (line === "") continue;
    const [expression, from] = splitLine(line);
    const asked = ask(expression, from ?? settings.from, settings);
    if (asked instanceof Refusal) refused = true;
    await writeJson(io, asked instanceof Refusal ? { error: asked } : previewRuns(asked.placed, asked.question));
  }
  return refused ? REFUSED : 0;
}

/** A tab is a blank within an expression too, so the last one counts, and only before what begins with a date. */
function splitLine(line: string): [expression: string, from: string | undefined] {
  const [, expression, from] = /^(.*)\t[ ]*(\d{4}-\d\d-\d\d[^\t]*?)[ ]*$/.exec(line) ?? [];
  return expression === undefined ? [line, undefined] : [expression, from];
}

function ask(
  expression: string,
  from: string | undefined,
  { hostZone, nowMs, count, timeout }: Settings,
): Asked | Refusal {
  const schedule = parseSchedule(expression);
  if (schedule instanceof Refusal) return schedule;
  const placed = placeSchedule(schedule, { createdMs: nowMs, hostZone });
  if (placed instanceof Refusal) return placed;
  const afterMs = from === undefined ? nowMs : readInstant(from, placed.zone.clock);
  if (afterMs === undefined)
    throw new CliFailure(`${JSON.stringify(from)} is no ISO 8601 time such as 2027-03-14T01:30:00Z`);
  return { placed: { ...placed, createdMs: afterMs }, question: { afterMs, count, timeoutSeconds: timeout } };
}

function toTimes(zone: Zone, machineZone: string, runs: readonly PreviewRun[]): string {
  const here = findHostZone(machineZone);
  const shown = here && here.name !== zone.name ? [here] : [];
  const table = toTable(
    ["local", "utc", ...shown.map(() => "here"), "note"],
    runs.map(({ at, local, note }) => [
      local,
      at,
      ...shown.map(({ clock }) => formatLocal(clock, Date.parse(at))),
      note,
    ]),
  );
  return `local is ${zone.name}${shown.map(({ name }) => `, here is ${name}`).join("")}\n${table}`;
}
