import { holds, type Row } from "./bench.ts";

/** One table of all rows, with the column heads. */
export function toTable(rows: readonly Row[]): string {
  const cells = [["what", "floor", "ours", "ratio", "budget", "", "note"], ...rows.map(toCells)];
  const widths = Array.from({ length: 7 }, (_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** What `--json` prints of a row. */
export function toJson(row: Row): object {
  return { ...row, ratio: row.ours / row.floor, ok: holds(row) };
}

function toCells(row: Row): string[] {
  const { name, unit, floor, ours, note = "" } = row;
  return [
    name,
    `${round(floor)} ${unit}`,
    `${round(ours)} ${unit}`,
    `${(ours / floor).toFixed(2)}×`,
    toBudgetText(row),
    holds(row) ? "ok" : "OVER",
    note,
  ];
}

function toBudgetText({ budget, unit }: Row): string {
  if ("atMost" in budget) return `≤ ${budget.atMost}×`;
  if ("atLeast" in budget) return `≥ ${budget.atLeast}×`;
  if ("within" in budget) return `≤ floor + ${budget.within} ${unit}`;
  return `≤ ${budget.atMostAbsolute} ${unit}`;
}

const round = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
