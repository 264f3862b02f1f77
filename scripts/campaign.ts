// `npm run campaign`: the fault tests in their long form. `--help` tells which there are.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runShown } from "./step.ts";

/** @param amount what of the campaign's environment (test/support/campaign.ts) makes it long */
type Campaign = {
  readonly about: string;
  readonly project: string;
  readonly file: string;
  readonly test?: string;
  readonly amount: {
    readonly CAMPAIGN_SEEDS?: number;
    readonly CAMPAIGN_REPEATS?: number;
    readonly CAMPAIGN_SCHEDULES?: 1;
  };
};

const CAMPAIGNS: Readonly<Record<string, Campaign>> = {
  "agent-crash": {
    about: "kills the agent 20 times at each of its ten steps, 20 runs in flight",
    project: "faults",
    file: "test/faults/agent-crash.test.ts",
    amount: { CAMPAIGN_SEEDS: 20 },
  },
  parts: {
    about: "kills helper, supervisor and writer, 20 times each",
    project: "process",
    file: "test/process/killed-parts.test.ts",
    amount: { CAMPAIGN_REPEATS: 20 },
  },
  prepared: {
    about: "kills what is prepared for the next run, before and while it is used, 20 times each",
    project: "process",
    file: "test/process/prepared.test.ts",
    amount: { CAMPAIGN_REPEATS: 20 },
  },
  "server-crash": {
    about: "kills the control plane 10 times at the first and the third time it comes to each of its steps",
    project: "faults",
    file: "test/faults/link-server-kill.test.ts",
    amount: { CAMPAIGN_REPEATS: 10 },
  },
  "client-tokens": {
    about:
      "2000 RunCommand calls with 500 ClientTokens on 16 connections, the control plane killed five times, by 10 seeds",
    project: "faults",
    file: "test/faults/client-tokens.test.ts",
    amount: { CAMPAIGN_SEEDS: 10, CAMPAIGN_REPEATS: 10 },
  },
  "both-crash": {
    about: "60 seeds of both sides killed six times over a line that loses, repeats and delays",
    project: "faults",
    file: "test/faults/both-crash.test.ts",
    amount: { CAMPAIGN_SEEDS: 60 },
  },
  store: {
    about: "kills a process 20 times that writes to the database, by 5 seeds",
    project: "contract",
    file: "test/contract/store-crash.test.ts",
    amount: { CAMPAIGN_SEEDS: 5, CAMPAIGN_REPEATS: 20 },
  },
  tree: {
    about: "ends 200 trees each by stop and by timeout, with and without cgroup",
    project: "process",
    file: "test/process/tree.test.ts",
    amount: { CAMPAIGN_REPEATS: 200 },
  },
  "frames-to-agent": {
    about: "20 seeds of 1000 random frames to an agent",
    project: "system",
    file: "test/system/agent-link.test.ts",
    test: "random frames",
    amount: { CAMPAIGN_SEEDS: 20 },
  },
  "frames-to-server": {
    about: "20 seeds of 1000 random frames to a control plane",
    project: "system",
    file: "test/system/link-server-frames.test.ts",
    test: "random frames",
    amount: { CAMPAIGN_SEEDS: 20 },
  },
  requests: {
    about: "10,000 random requests to all actions, one after the other",
    project: "system",
    file: "test/system/random-requests.test.ts",
    amount: { CAMPAIGN_REPEATS: 1 },
  },
  malformed: {
    about: "400 malformed requests to each action",
    project: "contract",
    file: "test/contract/malformed-requests.test.ts",
    amount: { CAMPAIGN_REPEATS: 400 },
  },
  races: {
    about: "20 seeds of 600 calls that race over a few hosts, commands and schedules, the retention among them",
    project: "system",
    file: "test/system/races.test.ts",
    amount: { CAMPAIGN_SEEDS: 20 },
  },
  "schedule-zones": {
    about: "runs of schedules around every clock change of every zone, 2000 to 2037",
    project: "unit",
    file: "test/unit/schedule-zones.test.ts",
    amount: { CAMPAIGN_SCHEDULES: 1 },
  },
  "schedule-runs": {
    about: "5000 cron expressions against trying one day after the other",
    project: "unit",
    file: "test/unit/schedule-runs.test.ts",
    amount: { CAMPAIGN_SCHEDULES: 1 },
  },
  "schedule-peer": {
    about: "3000 cron expressions in 12 zones against cron-parser",
    project: "unit",
    file: "test/unit/schedule-independent.test.ts",
    amount: { CAMPAIGN_SCHEDULES: 1 },
  },
  "schedule-fuzz": {
    about: "100,000 malformed expressions",
    project: "unit",
    file: "test/unit/schedule-fuzz.test.ts",
    amount: { CAMPAIGN_SCHEDULES: 1 },
  },
};

const HELP = `usage: npm run campaign -- [--only NAME …] [--seed N] [--test PATTERN]

  --only NAME      this campaign; may be repeated (default: all of them, one after the other)
  --seed N         only this seed, as a failure names it; with one --only of a campaign that has seeds
  --test PATTERN   only the tests whose name matches
  --help

${Object.entries(CAMPAIGNS)
  .map(([name, { about }]) => `  ${name.padEnd(18)}${about}`)
  .join("\n")}

CAMPAIGN_SEEDS and CAMPAIGN_REPEATS in the environment change how much. Exit code 0 when nothing failed.`;

type TestReport = { ancestorTitles: string[]; title: string; status: string };
type Report = { testResults: { assertionResults: TestReport[] }[] };

const directory = mkdtempSync(join(tmpdir(), "cloud-assistant-campaign-"));
try {
  process.exitCode = await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true });
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true },
      seed: { type: "string" },
      test: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const names = values.only ?? Object.keys(CAMPAIGNS);
  const unknown = names.find((name) => !CAMPAIGNS[name]);
  if (unknown !== undefined) throw new Error(`there is no campaign ${unknown}; --help lists them`);
  if (values.seed !== undefined) {
    if (!/^\d+$/.test(values.seed)) throw new Error(`--seed ${values.seed} is not a whole number`);
    if (names.length !== 1 || CAMPAIGNS[names[0] ?? ""]?.amount.CAMPAIGN_SEEDS === undefined)
      throw new Error("--seed goes with one --only, of a campaign that has seeds");
    process.env["CAMPAIGN_SEED"] = values.seed;
  }
  const summaries: { ok: boolean; text: string }[] = [];
  for (const name of names) summaries.push(await runCampaign(name, CAMPAIGNS[name] as Campaign, values.test));
  console.log(`\n${summaries.map(({ text }) => text).join("\n")}`);
  return summaries.every(({ ok }) => ok) ? 0 : 1;
}

async function runCampaign(
  name: string,
  campaign: Campaign,
  pattern = campaign.test,
): Promise<{ ok: boolean; text: string }> {
  console.log(`\n── ${name}: ${campaign.about} ──`);
  const startedMs = performance.now();
  const outputFile = join(directory, `${name}.json`);
  const asked = Object.entries(campaign.amount).map(([key, amount]) => [key, process.env[key] ?? String(amount)]);
  const exitCode = await runShown({
    tool: "vitest",
    args: [
      "run",
      "--project",
      campaign.project,
      campaign.file,
      ...(pattern ? ["-t", pattern] : []),
      "--reporter=verbose",
      "--reporter=json",
      `--outputFile=${outputFile}`,
    ],
    env: Object.fromEntries(asked) as Record<string, string>,
  });
  const report = existsSync(outputFile)
    ? (JSON.parse(readFileSync(outputFile, "utf8")) as Report)
    : { testResults: [] };
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const [passed, failed] = ["passed", "failed"].map((status) => tests.filter((test) => test.status === status)) as [
    typeof tests,
    typeof tests,
  ];
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const amount =
    process.env["CAMPAIGN_SEED"] === undefined
      ? asked.map(([key, count]) => `${key}=${count}`).join(" ")
      : `seed ${process.env["CAMPAIGN_SEED"]}`;
  const text = [
    `${name}: ${passed.length} passed, ${failed.length} failed (${amount}, ${seconds} s)`,
    ...failed.map((test) => `  failed: ${toNames(test).join(" > ")}\n  again:  ${commandFor(name, test)}`),
  ];
  // a file that cannot be loaded or an unhandled error fails no test by name
  const ok = exitCode === 0 && passed.length > 0;
  if (!ok && failed.length === 0) text.push("  failed as a whole, see above");
  return { ok, text: text.join("\n") };
}

function toNames({ ancestorTitles, title }: TestReport): string[] {
  return [...ancestorTitles.filter(Boolean), title];
}

/** Runs the failed test alone, with its seed. */
function commandFor(name: string, test: TestReport): string {
  const names = toNames(test).join(" > "); // what vitest compares a pattern with
  const [, title = names, seed] = /^(.*?)(?: \(seed (\d+)\))?$/.exec(names) ?? [];
  const pattern = title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(/["`$]/g, ".");
  return `npm run campaign -- --only ${name} ${seed === undefined ? "" : `--seed ${seed} `}--test "${pattern}"`;
}
