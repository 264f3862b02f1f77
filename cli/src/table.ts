import { printable } from "./printable.ts";

/** Columns as wide as their widest cell, headings in capitals, two blanks between; cells are made safe for a terminal. */
export function toTable(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [
    headings.map((heading) => heading.toUpperCase()),
    ...rows.map((row) => row.map((cell) => printable(String(cell)))),
  ];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
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
