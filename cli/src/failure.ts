/** 125 for whatever is wrong on our side of the script: the command line, the connection, the API, an unknown outcome. */
export const OWN_FAILURE = 125;

/** A failure whose message tells the person at the terminal what to do; no stack is shown. */
export class CliFailure extends Error {
  override readonly name: string = "CliFailure";
  readonly exitCode: number;

  constructor(message: string, { exitCode = OWN_FAILURE, cause }: { exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}

/** What the control plane answered instead of a result. */
export class ApiFailure extends CliFailure {
  override readonly name = "ApiFailure";
  readonly code: string;
  readonly httpStatus: number;
  readonly requestId: string;

  constructor({
    code,
    message,
    httpStatus,
    requestId,
  }: {
    code: string;
    message: string;
    httpStatus: number;
    requestId: string;
  }) {
    super(`${code}: ${message} (request ${requestId || "without id"})`);
    this.code = code;
    this.httpStatus = httpStatus;
    this.requestId = requestId;
  }
}

/** The control plane was not reached, or the connection broke: whether the request arrived is unknown. */
export class UnreachableFailure extends CliFailure {
  override readonly name = "UnreachableFailure";
  /** The connection was never made, so nothing was asked. */
  readonly neverSent: boolean;

  constructor(endpoint: string, cause: Error & { code?: string }) {
    super(
      `the control plane at ${endpoint} cannot be reached (${cause.message || cause.code}); is it running, and is the address right?`,
      { cause },
    );
    this.neverSent = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"].includes(
      cause.code ?? "",
    );
  }
}
