/** What a figure may be. Absolute figures are noisy: but for `atMostAbsolute`, ours is judged against the floor of the same run. */
export type Budget =
  /** × floor */
  | { readonly atMost: number }
  /** × floor */
  | { readonly atLeast: number }
  /** Above the floor, in the row's unit. */
  | { readonly within: number }
  /** In the row's unit; the floor is only told. */
  | { readonly atMostAbsolute: number };

/** One budget of DESIGN 10 and what was measured: the floor and the product, alternating in one run, medians of the rounds. */
export type Row = {
  readonly name: string;
  readonly unit: string;
  readonly budget: Budget;
  readonly floor: number;
  readonly ours: number;
  readonly note?: string;
};

export type Effort = {
  /** Few rounds and small fleets: shows that it works, not how well. */
  readonly quick: boolean;
  /** Told what is going on. */
  readonly onProgress: (what: string) => void;
};

/** Rows that are measured together, because they share what must be started for them. */
export type Suite = {
  readonly name: string;
  /** One line for `--help`. */
  readonly about: string;
  readonly measure: (effort: Effort) => Promise<readonly Row[]>;
};

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new RangeError("median of nothing");
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

export function holds({ budget, floor, ours }: Pick<Row, "budget" | "floor" | "ours">): boolean {
  if ("atMost" in budget) return ours <= floor * budget.atMost;
  if ("atLeast" in budget) return ours >= floor * budget.atLeast;
  if ("within" in budget) return ours <= floor + budget.within;
  return ours <= budget.atMostAbsolute;
}

/** What one round measured, by name. */
type Figures = Readonly<Record<string, number>>;

/**
 * Floor, ours, floor, ours, …, so that whatever else the machine does meets both.
 * @param warmUps rounds before the first that counts; 0 where each round starts processes of its own
 * @returns the medians of a figure
 */
export async function alternate<T extends Figures>(
  rounds: number,
  { floor, ours }: { readonly floor: () => Promise<T>; readonly ours: () => Promise<T> },
  warmUps = 1,
): Promise<(figure: keyof T) => Pick<Row, "floor" | "ours">> {
  const measured: { floor: T; ours: T }[] = [];
  for (let round = 0; round < warmUps + rounds; round++) measured.push({ floor: await floor(), ours: await ours() });
  measured.splice(0, warmUps);
  const medianOf = (side: "floor" | "ours", figure: keyof T): number =>
    median(measured.map((round) => Number(round[side][figure])));
  return (figure) => ({ floor: medianOf("floor", figure), ours: medianOf("ours", figure) });
}
