/** What one check of a host came to. */
export type Finding = {
  readonly check: string;
  /** `failed`: scripts cannot run or their results cannot arrive; `warning`: something is less than it could be. */
  readonly verdict: "ok" | "warning" | "failed" | "skipped";
  readonly found: string;
  /** What to do; wherever the verdict is `warning` or `failed`. */
  readonly advice?: string;
};

export type Judgement = Omit<Finding, "check">;

export const ok = (found: string): Judgement => ({ verdict: "ok", found });
export const skipped = (found: string): Judgement => ({ verdict: "skipped", found });
export const warning = (found: string, advice: string): Judgement => ({ verdict: "warning", found, advice });
export const failed = (found: string, advice: string): Judgement => ({ verdict: "failed", found, advice });
