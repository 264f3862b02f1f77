import { pino, type DestinationStream, type Logger } from "pino";

/** Never in a log, wherever in the first two levels of an object they turn up. */
const SECRET_FIELDS = [
  "activationCode",
  "authorization",
  "content",
  "output",
  "password",
  "payload",
  "proof",
  "proofKey",
  "sealKey",
  "secret",
  "signature",
] as const;

export const LOG_LEVELS = ["error", "warn", "info", "debug", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** JSON lines on standard error, or to `destination`. */
export function createLog(
  level: LogLevel,
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  const paths = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]);
  return pino({ level, base: null, redact: { paths, censor: "[secret]" } }, destination);
}
