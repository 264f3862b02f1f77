/** Every limit with its unit and its source. Quotas a deployment may change are configuration, with these as defaults. */

/** Base64 size of command content, bytes. The seed page says 18 KB kept / 24 KB not; the newest SDK text 24 KB everywhere (api-facts 1.11). */
export const COMMAND_CONTENT_MAX_BASE64_BYTES = 24 * 1024;
/** Instances one RunCommand may name (RunCommand, InstanceId.N). Quota. */
export const RUN_COMMAND_MAX_INSTANCES = 100;
/** Instances one StopInvocation may name (StopInvocation, InstanceId.N). */
export const STOP_INVOCATION_MAX_INSTANCES = 50;
/** `Timeout` when absent, seconds (RunCommand). */
export const DEFAULT_TIMEOUT_SECONDS = 60;
/** Least `Timeout` of InvokeCommand, seconds (InvokeCommand). */
export const MIN_INVOKE_TIMEOUT_SECONDS = 10;
/** Upper bound of `Timeout`, seconds. Undocumented at the source (api-facts 6); a day is ours. */
export const MAX_TIMEOUT_SECONDS = 86_400;
/** Wait for an offline host before a run is `Aborted` / `DeliveryTimeout`, seconds ("within 1 minute", api-facts 2.1). */
export const DEFAULT_DELIVERY_TIMEOUT_SECONDS = 60;
/** Upper bound of our `DeliveryTimeout` parameter, seconds: a week. */
export const MAX_DELIVERY_TIMEOUT_SECONDS = 604_800;

/** `Output` in an answer: this many raw bytes of the beginning … (DESIGN 4) */
export const OUTPUT_HEAD_BYTES = 6_000;
/** … and this many of the end; together 24 KiB. All of it, if there is no more. */
export const OUTPUT_TAIL_BYTES = 18_576;

/** Bytes of output kept on a host for one run; the middle beyond it is dropped and counted (DESIGN 7). */
export const SPOOL_MAX_BYTES = 64 * 1024 * 1024;
/** Bytes of output kept on the control plane for one run; the middle beyond it is dropped and counted. */
export const STORED_OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

/** Between SIGTERM and SIGKILL, milliseconds (DESIGN 7). */
export const GRACE_MS = 5_000;
/** A connection that was silent for this long is dead, milliseconds (DESIGN 5: half-open is noticed within 45 s). */
export const SILENCE_MS = 45_000;
/** Period of the server's pings, milliseconds: two fit into the silence. */
export const HEARTBEAT_MS = 20_000;
/** An unacknowledged frame is repeated on a living connection after this long, milliseconds. */
export const RESEND_MS = 5_000;
/** Largest frame either side accepts, bytes: an order with 24 KB of content in Base64, escaped, and 100 ids, four times over. */
export const MAX_FRAME_BYTES = 512 * 1024;
/** Bytes of output in one frame. */
export const OUTPUT_CHUNK_BYTES = 128 * 1024;
/** Bytes of output of one run that may be under way unacknowledged. */
export const OUTPUT_WINDOW_BYTES = 1024 * 1024;

/** Request line and headers, bytes: 24 KB of content and 100 ids make a 59 KB URL (wire-facts 0). */
export const MAX_REQUEST_HEADER_BYTES = 256 * 1024;
/** Form body of an API call, bytes. */
export const MAX_REQUEST_BODY_BYTES = 1024 * 1024;
/** Largest difference between a request's time and ours, milliseconds (wire-facts 1). */
export const REQUEST_SKEW_MS = 15 * 60_000;

/** How long the answer of a ClientToken is given again, milliseconds: a week. No source says how long (api-facts 1.8). */
export const CLIENT_TOKEN_MS = 7 * 86_400_000;

/** Custom placeholders in one content (RunCommand, CommandContent). */
export const MAX_PLACEHOLDERS = 20;
/** Bytes of a placeholder's name (RunCommand, CommandContent). */
export const MAX_PLACEHOLDER_NAME_BYTES = 64;
/** Entries of `Parameters` (RunCommand). */
export const MAX_PARAMETERS = 10;

/** Interval of a `rate` expression, seconds (RunCommand, Frequency). */
export const RATE_MIN_SECONDS = 60;
/** Interval of a `rate` expression, seconds: 7 days (RunCommand, Frequency). */
export const RATE_MAX_SECONDS = 604_800;
/** Between two runs of a cron expression, seconds (RunCommand, Frequency). */
export const CRON_MIN_DISTANCE_SECONDS = 10;
/** Characters of a `Frequency`: every value of every field written out needs 1,300. */
export const FREQUENCY_MAX_CHARACTERS = 2048;
