import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { integer, seededRandom, type Random } from "./random.ts";

/** A script whose every effect is known beforehand, so that a crash anywhere can be judged by what is there afterwards. */
export type Job = {
  readonly name: string;
  readonly script: string;
  readonly exitCode: number;
  /** Every byte it prints, in order. */
  readonly output: Buffer;
  /** It appends one line here each time it runs. */
  readonly ranFile: string;
};

/** Jobs of varied length, output and exit code; `directory` receives what they leave behind. */
export function makeWorkload(seed: number, count: number, directory: string): Job[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => makeJob(random, index, directory));
}

function makeJob(random: Random, index: number, directory: string): Job {
  const name = `job${index}`;
  const ranFile = join(directory, name);
  const exitCode = random() < 0.5 ? 0 : integer(random, 1, 120);
  const lines = integer(random, 0, 400);
  const bulkBytes = random() < 0.25 ? integer(random, 1, 400_000) : 0;
  const pauseSeconds = (integer(random, 0, 8) / 10).toFixed(1);
  const script = `echo ran >> '${ranFile}'
i=0; while [ $i -lt ${lines} ]; do echo "${name} line $i: é漢"; i=$((i+1)); done
sleep ${pauseSeconds}
head -c ${bulkBytes} /dev/zero | tr '\\0' '#'
printf '\\000end'
exit ${exitCode}`;
  const printed = Array.from({ length: lines }, (_, line) => `${name} line ${line}: é漢\n`).join("");
  const output = Buffer.concat([Buffer.from(printed), Buffer.alloc(bulkBytes, "#"), Buffer.from("\0end")]);
  return { name, script, exitCode, output, ranFile };
}

/** How often the job's script ran. */
export function timesRun({ ranFile }: Job): number {
  return existsSync(ranFile) ? readFileSync(ranFile, "utf8").split("\n").length - 1 : 0;
}
