import { loadAgentConfig } from "../agent-config.ts";
import { write, writeJson, type Io } from "../io.ts";
import { printable } from "../printable.ts";

const SOMETHING_FAILED = 1;
/** As wide as the longest name of a check. */
const CHECK_WIDTH = 11;

export async function runAgentDoctor(
  { json, ...flags }: { stateDir?: string; json?: boolean },
  io: Io,
): Promise<number> {
  const { stateDir } = await loadAgentConfig(flags, io.env);
  const { examineHost } = await import("@cloud-assistant/agent/doctor/examine");
  const { systemClock } = await import("@cloud-assistant/agent/clock");
  const findings = [];
  for await (const finding of examineHost(stateDir, systemClock)) {
    findings.push(finding);
    if (!json) await write(io.stdout, toText(finding));
  }
  if (json) await writeJson(io, findings);
  return findings.some(({ verdict }) => verdict === "failed") ? SOMETHING_FAILED : 0;
}

function toText({
  check,
  verdict,
  found,
  advice,
}: Readonly<Record<"check" | "verdict" | "found", string> & { advice?: string }>): string {
  const line = `${verdict.padEnd(7)}  ${check.padEnd(CHECK_WIDTH)}  ${printable(found)}\n`;
  return advice === undefined ? line : `${line}${" ".repeat(9 + CHECK_WIDTH)}  → ${printable(advice)}\n`;
}
