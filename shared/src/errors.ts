import { ACTION_ERRORS } from "./api/action-errors.ts";
import { ASSET_ERRORS } from "./api/asset-errors.ts";
import type { ErrorEntry } from "./api/error-entry.ts";
import { IDENTITY_ERRORS } from "./api/identity-errors.ts";
import { GATEWAY_ERRORS, OWN_ERRORS } from "./api/gateway-errors.ts";
import { SESSION_ERRORS } from "./api/session-errors.ts";

/** Every code a caller may meet; `docs/errors.md` lists the same, a test compares both. */
export const API_ERRORS = {
  ...ACTION_ERRORS,
  ...ASSET_ERRORS,
  ...SESSION_ERRORS,
  ...GATEWAY_ERRORS,
  ...OWN_ERRORS,
  ...IDENTITY_ERRORS,
};
export type ApiErrorCode = keyof typeof API_ERRORS;

export function isApiErrorCode(code: string): code is ApiErrorCode {
  return Object.hasOwn(API_ERRORS, code);
}

type ApiErrorOptions = {
  /** Replaces the table's text. */
  readonly detail?: string | undefined;
  /** Fills the `%s` of the table's text, in order. */
  readonly values?: readonly (string | number)[] | undefined;
  /** Told beside the text when a policy refuses. */
  readonly accessDenied?: AccessDenied | undefined;
  readonly cause?: unknown;
};

/** What was refused to whom, in the words of the original's errors. */
export type AccessDenied = {
  /** `ecs:RunCommand` */
  readonly AuthAction: string;
  readonly AuthPrincipalType: "SubUser" | "AssumedRoleUser";
  /** Account id. */
  readonly AuthPrincipalOwnerId: string;
  readonly AuthPrincipalDisplayName: string;
  readonly NoPermissionType: "ImplicitDeny" | "ExplicitDeny";
  readonly PolicyType: "AccountLevelIdentityBasedPolicy" | "SessionPolicy";
};

/** An error a caller may see. Anything else becomes `InternalError` and is only logged. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ApiErrorCode;
  readonly httpStatus: number;
  readonly #options: ApiErrorOptions;

  constructor(code: ApiErrorCode, options: ApiErrorOptions = {}) {
    super(options.detail ?? fill(API_ERRORS[code].message, options.values), {
      cause: options.cause,
    });
    this.code = code;
    this.httpStatus = API_ERRORS[code].httpStatus;
    this.#options = options;
  }

  /** Status and text as documented for this action: some actions have their own. */
  answerFor(action: string | undefined): {
    httpStatus: number;
    code: ApiErrorCode;
    message: string;
    accessDenied: AccessDenied | undefined;
  } {
    const entry: ErrorEntry = API_ERRORS[this.code];
    const { detail, values, accessDenied } = this.#options;
    const text = (action && entry.messages?.[action]) || entry.message;
    return {
      httpStatus: (action && entry.statuses?.[action]) || entry.httpStatus,
      code: this.code,
      message: detail ?? fill(text, values),
      accessDenied,
    };
  }
}

function fill(text: string, values: readonly (string | number)[] = []): string {
  let next = 0;
  return text.replaceAll("%s", () => String(values[next++] ?? ""));
}
