/** One budget of DESIGN 10: the floor and the product measured in the same run; only the ratio counts. */
export type Bench = {
  readonly name: string;
  readonly unit: string;
  /** `atMost`: ours / floor must not exceed it; `atLeast`: must reach it; `within`: ours ≤ floor + it (same unit). */
  readonly budget: { readonly atMost: number } | { readonly atLeast: number } | { readonly within: number } | { readonly atMostAbsolute: number };
  readonly measure: () => Promise<Measured>;
};
export type Measured = { readonly floor: number; readonly ours: number; readonly note?: string };

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new RangeError("median of nothing");
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

export function holds({ budget }: Bench, { floor, ours }: Measured): boolean {
  if ("atMost" in budget) return ours <= floor * budget.atMost;
  if ("atLeast" in budget) return ours >= floor * budget.atLeast;
  if ("within" in budget) return ours <= floor + budget.within;
  return ours <= budget.atMostAbsolute;
}

function budgetText({ budget, unit }: Bench): string {
  if ("atMost" in budget) return `≤ ${budget.atMost}×`;
  if ("atLeast" in budget) return `≥ ${budget.atLeast}×`;
  if ("within" in budget) return `≤ floor + ${budget.within} ${unit}`;
  return `≤ ${budget.atMostAbsolute} ${unit}`;
}

const round = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

export function tableRow(bench: Bench, measured: Measured): string[] {
  return [
    bench.name,
    `${round(measured.floor)} ${bench.unit}`,
    `${round(measured.ours)} ${bench.unit}`,
    `${(measured.ours / measured.floor).toFixed(2)}×`,
    budgetText(bench),
    holds(bench, measured) ? "ok" : "OVER",
    measured.note ?? "",
  ];
}

export function printTable(rows: readonly string[][]): void {
  const all = [["what", "floor", "ours", "ratio", "budget", "", "note"], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of all) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd());
}
