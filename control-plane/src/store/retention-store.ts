/** What retention needs to know of an invocation. */
export type Aged = {
  /** Creation order. */
  readonly seq: number;
  readonly createdMs: number;
  /** Of its runs, the last change. */
  readonly updatedMs: number;
  readonly runs: number;
  /** A run of it is not final. */
  readonly open: boolean;
};

/** Forgetting, in transactions that are short enough for everybody else. */
export type RetentionStore = {
  /** Of all regions. */
  countRuns: () => Promise<number>;
  /** Oldest first. */
  listOldest: (afterSeq: number, limit: number) => Promise<Aged[]>;
  /** Removes those that are over, with their runs; their output goes by `removeOutput`. @returns how many. */
  removeInvocations: (seqs: readonly number[]) => Promise<number>;
  /**
   * Removes at most `limit` runs that are history and over, made before then, oldest first: an open schedule stays, not all it ever did.
   * @returns how many
   */
  removePastRuns: (createdBeforeMs: number, limit: number) => Promise<number>;
  /** Removes at most `pieces` pieces of output of runs that are gone. @returns false when none is left. */
  removeOutput: (pieces: number) => Promise<boolean>;
  /** The daily counters of the days before this one (UTC, `yyyy-MM-dd`). */
  removeDaysBefore: (day: string) => Promise<void>;
};
