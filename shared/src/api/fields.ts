import * as z from "zod";
import { ApiError, isApiErrorCode, type ApiErrorCode } from "../errors.ts";

/**
 * Building blocks of the inputs. Everything arrives as text; an issue's message is the code of the documented error, and
 * the first issue in the order of the fields is the one told.
 */

/** Checks the spelling of a code where zod takes any text. */
export const code = (of: ApiErrorCode): ApiErrorCode => of;

/** What a parameter takes, in words: `docs/api.md` is made of them. */
export type Told = { readonly takes: string };

/** Mandatory and not empty; `missing` where the documents have an own code for that. */
export const required = (missing: ApiErrorCode = "MissingParameter") =>
  z.string({ error: ({ input }) => (input === undefined ? missing : code("InvalidParameter")) }).min(1, missing);

/** Optional text; an empty one is as good as none. */
export const optional = z
  .string(code("InvalidParameter"))
  .optional()
  .transform((text) => text || undefined);

/** Blanks and line ends are text; the other control characters are not. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** Text of at most `maxCharacters`, without control characters where `illegal` is given. */
export const givenText = (maxCharacters: number, tooLong: ApiErrorCode, illegal?: ApiErrorCode) =>
  z
    .string(code("InvalidParameter"))
    .refine((given) => given.length <= maxCharacters || [...given].length <= maxCharacters, tooLong)
    .refine((given) => illegal === undefined || !CONTROL.test(given), illegal)
    .meta({ takes: `text, up to ${maxCharacters} characters` } satisfies Told);

/** The same; an absent one is empty. */
export const text = (...limits: Parameters<typeof givenText>) => givenText(...limits).default("");

/** Optional text turned into something else by `read`; undefined from it means the text is not valid. */
export const read = <T>(
  readText: (given: string) => T | undefined,
  invalid: ApiErrorCode,
  {
    takes = "text",
    values = [],
  }: { readonly takes?: string; readonly values?: readonly (string | number)[] | undefined } = {},
) =>
  z
    .string(code("InvalidParameter"))
    .optional()
    .transform((given, context): T | undefined => {
      if (given === undefined || given === "") return undefined;
      const value = readText(given);
      if (value === undefined)
        context.issues.push({ code: "custom", message: invalid, input: given, params: { values } });
      return value;
    })
    .meta({ takes } satisfies Told);

export const oneOf = <const T extends string>(allowed: readonly T[], invalid: ApiErrorCode = "InvalidParameter") =>
  read((given) => allowed.find((value) => value === given), invalid, {
    takes: allowed.map((value) => `\`${value}\``).join(", "),
  });

/** Decimal integer within the bounds. */
export const integer = (
  min: number,
  max: number,
  invalid: ApiErrorCode = "InvalidParameter",
  values?: readonly number[],
) =>
  read(
    (given) => (/^\d{1,15}$/.test(given) && Number(given) >= min && Number(given) <= max ? Number(given) : undefined),
    invalid,
    {
      takes: max === Number.MAX_SAFE_INTEGER ? `whole number from ${min}` : `whole number, ${min} to ${max}`,
      values,
    },
  );

/** ASCII, up to 64 characters. */
export const clientToken = read(
  (given) => (/^[\x21-\x7e]{1,64}$/.test(given) ? given : undefined),
  "InvalidClientToken.Malformed",
  {
    takes: "ASCII text, up to 64 characters",
  },
);

export const flag = read((given) => ({ true: true, false: false })[given.toLowerCase()], "InvalidParameter", {
  takes: "`true`, `false`",
});

/** Values are case-insensitive; an unknown one means the default (api-facts 1.4). */
export const contentEncoding = (fallback: "PlainText" | "Base64") =>
  z
    .string(code("InvalidParameter"))
    .optional()
    .transform(
      (given) =>
        (["PlainText", "Base64"] as const).find((known) => known.toLowerCase() === given?.toLowerCase()) ?? fallback,
    )
    .meta({ takes: "`PlainText`, `Base64`; anything else is the default" } satisfies Told);

/** `Name.N`; duplicates count once. */
export const idListOf = (empty: ApiErrorCode) =>
  z
    .array(z.string(code("InvalidParameter")).min(1, empty), code("InvalidParameter"))
    .default([])
    .transform((ids) => [...new Set(ids)])
    .meta({ takes: "ids" } satisfies Told);
export const idList = idListOf("InvalidParameter");

/** One parameter that holds a JSON array of texts. */
export const jsonTextList = read(
  (given) => {
    const value = parseJson(given);
    return Array.isArray(value) && value.every((id) => typeof id === "string")
      ? [...new Set<string>(value)]
      : undefined;
  },
  "InvalidParameter",
  { takes: "JSON array of texts" },
);

export function parseJson(given: string): unknown {
  try {
    return JSON.parse(given) as unknown;
  } catch {
    return undefined;
  }
}

/** Both paging schemes (api-facts 1.6). */
export const paging = {
  MaxResults: integer(1, 50, "InvalidParameter.MaxResults"),
  NextToken: optional,
  PageNumber: integer(1, 2_147_483_647, "InvalidParam.PageNumber"),
  PageSize: integer(1, 50, "InvalidParam.PageSize"),
};

/** @throws {ApiError} the documented error of the first field that is not valid. */
export function parseInput<T>(input: z.ZodType<T>, parameters: unknown): T {
  const parsed = input.safeParse(parameters);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = (issue?.path ?? []).map((key) => (typeof key === "number" ? key + 1 : String(key))).join(".");
  const given: unknown = issue?.code === "custom" ? issue.params?.["values"] : undefined;
  const values = Array.isArray(given) && given.length > 0 ? (given as (string | number)[]) : [name];
  throw new ApiError(issue && isApiErrorCode(issue.message) ? issue.message : "InvalidParameter", { values });
}
