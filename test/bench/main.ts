// `npm run bench`: every budget of DESIGN 10 that exists, each floor measured in the same run, as one table.
import { parseArgs } from "node:util";
import { holds, type Row, type Suite } from "./bench.ts";
import { SUITES } from "./suites.ts";
import { toJson, toTable } from "./table.ts";

const HELP = `Measures the product against the least program that does the same job, in turns, and prints the ratios.

usage: npm run bench -- [--only NAME]… [--quick] [--json] [--strict]

  --only NAME  only this one; may be repeated:
${SUITES.map(({ name, about }) => `               ${name.padEnd(14)} ${about}`).join("\n")}
  --quick      few rounds, small fleets: shows that it works, not how well
  --json       print a list of objects instead of the table
  --strict     exit with 1 when a budget is missed; else it is only told

Run it alone on an idle machine: absolute figures are context, the ratios are what counts.
`;

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1)); // with what is to be ended at exit

const asked = readArguments();
if (typeof asked === "string") {
  console.error(`${asked}\n\n${HELP}`);
  process.exitCode = 1;
} else if (asked.help) {
  process.stdout.write(HELP);
} else {
  const rows: Row[] = [];
  for (const suite of asked.suites) {
    const onProgress = (what: string): void => showProgress(`${suite.name}: ${what}`);
    onProgress("starting");
    rows.push(...(await suite.measure({ quick: asked.quick, onProgress })));
    showProgress("");
  }
  process.stdout.write(asked.json ? `${JSON.stringify(rows.map(toJson), undefined, 2)}\n` : toTable(rows));
  if (asked.strict && !rows.every(holds)) process.exitCode = 1;
}

type Asked = Readonly<Record<"help" | "quick" | "json" | "strict", boolean>> & { readonly suites: readonly Suite[] };

/** @returns what is wrong with them, if something is */
function readArguments(): Asked | string {
  const flag = { type: "boolean", default: false } as const;
  try {
    const { only, ...flags } = parseArgs({
      options: {
        help: { ...flag, short: "h" },
        quick: flag,
        json: flag,
        strict: flag,
        only: { type: "string", multiple: true, default: [] },
      },
    }).values;
    const unknown = only.find((name) => !SUITES.some((suite) => suite.name === name));
    if (unknown !== undefined) return `there is no benchmark ${unknown}`;
    return { ...flags, suites: only.length === 0 ? SUITES : SUITES.filter(({ name }) => only.includes(name)) };
  } catch (error) {
    return (error as Error).message;
  }
}

/** One line that is overwritten, on a terminal alone. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}
