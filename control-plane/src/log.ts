import { pino, type DestinationStream, type Logger } from "pino";

/** Never in a log, wherever in the first three levels of an object they turn up. */
const SECRET_FIELDS = [
  "accessKeySecret",
  "AccessKeySecret",
  "activationCode",
  "ActivationCode",
  "authorization",
  "content",
  "CommandContent",
  "output",
  "Output",
  "parameters",
  "Parameters",
  "password",
  "payload",
  "proof",
  "securityToken",
  "SecurityToken",
  "secret",
  "signature",
  "Signature",
] as const;

export const REDACTED_PATHS = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** JSON lines on standard error, or to `destination`. */
export function createLog(
  level: string,
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  return pino({ level, base: null, redact: { paths: REDACTED_PATHS, censor: "[secret]" } }, destination);
}
