import * as z from "zod";
import {
  clientToken,
  code,
  flag,
  integer,
  jsonTextList,
  oneOf,
  optional,
  parseJson,
  read,
  required,
  type Told,
} from "./fields.ts";
import { findRepeatedKey } from "./json-keys.ts";
import { findWrongTag, type Tag } from "./tags.ts";

/** The Parameter Store of OOS, version 2019-06-01: plain and secret parameters. */

const MAX_NAME = 180;
const MAX_VALUE = 4096;
const MAX_DESCRIPTION = 200;
const MAX_NAMES = 10;
/** Values of one parameter that are kept. */
export const MAX_PARAMETER_VERSIONS = 100;

export const PARAMETER_NAME = /^(?!ALIYUN|ACS|ALIBABA|ALICLOUD|OOS)[0-9A-Za-z_/-]+$/;

const region = optional;
const name = required()
  .refine((given) => given.length <= MAX_NAME && PARAMETER_NAME.test(given), code("InvalidParameter"))
  .meta({
    takes: `up to ${MAX_NAME} letters, digits, \`-\`, \`_\`, \`/\`; not beginning with ALIYUN, ACS, ALIBABA, ALICLOUD or OOS`,
  } satisfies Told);
const value = required()
  .refine((given) => [...given].length <= MAX_VALUE, code("InvalidParameter"))
  .meta({ takes: `text, up to ${MAX_VALUE} characters` } satisfies Told);
const description = read((given) => ([...given].length <= MAX_DESCRIPTION ? given : undefined), "InvalidParameter", {
  takes: `text, up to ${MAX_DESCRIPTION} characters`,
});

/** What values must be like; a JSON object in one parameter. */
const Constraints = z.object({
  AllowedValues: z.array(z.string()).max(100).optional(),
  AllowedPattern: z.string().max(1024).optional(),
  MinLength: z.int().min(0).optional(),
  MaxLength: z.int().min(0).optional(),
});
export type Constraints = z.infer<typeof Constraints>;

export function readConstraints(text: string): Constraints | undefined {
  return Constraints.safeParse(text === "" ? {} : parseJson(text)).data;
}
const constraints = read(
  (given) => (given.length <= 4096 && readConstraints(given) ? given : undefined),
  "InvalidParameter",
  {
    takes: "JSON object of `AllowedValues`, `AllowedPattern`, `MinLength`, `MaxLength`",
  },
);

/** A JSON object of texts. */
const tagMap = read(
  (given): Tag[] | undefined => {
    const parsed = z.record(z.string(), z.string()).safeParse(parseJson(given));
    if (!parsed.success || findRepeatedKey(given) !== undefined) return undefined;
    const tags = Object.entries(parsed.data).map(([key, text]) => ({ key, value: text }));
    return findWrongTag(tags) ? undefined : tags;
  },
  "InvalidParameter",
  { takes: "JSON object of up to 20 tags" },
);

const create = {
  RegionId: region,
  ClientToken: clientToken,
  Name: name,
  Value: value,
  Description: description,
  Constraints: constraints,
  ResourceGroupId: optional,
  Tags: tagMap,
};
export const CreateParameterInput = z.object({
  ...create,
  Type: required().pipe(z.enum(["String", "StringList"], code("InvalidParameter"))),
});
export const CreateSecretParameterInput = z.object({
  ...create,
  Type: oneOf(["Secret"]).transform((type) => type ?? ("Secret" as const)),
  /** Of a key service, which there is none of here: kept and told. */
  KeyId: optional,
});
export type CreateAnyInput = Omit<z.infer<typeof CreateSecretParameterInput>, "Type" | "KeyId"> & {
  readonly Type: "String" | "StringList" | "Secret";
  readonly KeyId?: string | undefined;
};

/** What is left out stays; a value makes the next version. */
export const UpdateAnyInput = z.object({
  RegionId: region,
  Name: name,
  Value: value.optional(),
  Description: description,
  ResourceGroupId: optional,
  Tags: tagMap,
});
export type UpdateAnyInput = z.infer<typeof UpdateAnyInput>;

const version = integer(1, Number.MAX_SAFE_INTEGER);
export const GetParameterInput = z.object({ RegionId: region, Name: name, ParameterVersion: version });
export const GetSecretParameterInput = GetParameterInput.extend({ WithDecryption: flag });

export const GetParametersInput = z.object({
  RegionId: region,
  Names: jsonTextList
    .refine((names) => names !== undefined, code("MissingParameter"))
    .refine((names) => (names?.length ?? 0) <= MAX_NAMES, code("InvalidParameter"))
    .meta({
      takes: `JSON array of up to ${MAX_NAMES} names`,
    }),
});

export const DeleteParameterInput = z.object({ RegionId: region, Name: name });

const list = {
  RegionId: region,
  Name: optional,
  Path: optional,
  Recursive: flag,
  ResourceGroupId: optional,
  Tags: tagMap,
  SortField: oneOf(["Name", "CreatedDate"]),
  SortOrder: oneOf(["Ascending", "Descending"]),
  MaxResults: integer(1, 100, "InvalidParameter").transform((most) => most ?? 50),
  NextToken: optional,
};
export const ListParametersInput = z.object({
  ...list,
  Type: oneOf(["String", "StringList"]),
  ShareType: oneOf(["Private", "Public"]),
});
export const ListSecretParametersInput = z.object(list);
export type ListAnyInput = z.infer<typeof ListSecretParametersInput>;

/** Without its value. */
export type ParameterAnswer = {
  readonly Id: string;
  readonly Name: string;
  readonly Type: string;
  readonly Description: string;
  readonly Constraints: string;
  readonly ShareType: "Private";
  readonly ResourceGroupId: string;
  readonly ParameterVersion: number;
  readonly CreatedBy: string;
  readonly CreatedDate: string;
  readonly UpdatedBy: string;
  readonly UpdatedDate: string;
  readonly Tags: Readonly<Record<string, string>>;
  /** Of secret ones. */
  readonly KeyId?: string;
};
export type ValuedParameterAnswer = ParameterAnswer & { readonly Value: string };
export type OneParameterAnswer = { readonly Parameter: ParameterAnswer };
export type GetParameterAnswer = { readonly Parameter: ValuedParameterAnswer };
export type GetParametersAnswer = {
  readonly Parameters: readonly ValuedParameterAnswer[];
  readonly InvalidParameters: readonly string[];
};
export type ListParametersAnswer = {
  readonly MaxResults: number;
  readonly NextToken: string;
  readonly TotalCount: number;
  readonly Parameters: readonly ParameterAnswer[];
};
