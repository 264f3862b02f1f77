/** See `docs/operations.md`. */
export type Config = {
  readonly listen: { readonly host: string; readonly port: number };
  readonly dataDir: string;
  readonly regionIds: readonly string[];
  readonly accountId: string;
  readonly maxInstancesPerInvocation: number;
  readonly maxOpenActivations: number;
  readonly storedOutputMaxBytes: number;
  readonly heartbeatMs: number;
  readonly silenceMs: number;
  readonly resendMs: number;
  /** New agent connections per second; more are told to come back. */
  readonly admissionPerSecond: number;
  /** After order expiry + Timeout + this, a run nobody told the end of is Error / "outcome unknown". Milliseconds. */
  readonly outcomeUnknownAfterMs: number;
};
