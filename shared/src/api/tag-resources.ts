import * as z from "zod";
import type { ApiErrorCode } from "../errors.ts";
import { code, flag, optional, required } from "./fields.ts";
import { findWrongTag, hasUrl, isReservedKey, type Tag } from "./tags.ts";

/** Documented kinds of resources; of the first five some exist here, of the rest none ever does. */
export const RESOURCE_TYPES = (
  "command invocation activation managedinstance instance disk snapshot image securitygroup volume eni ddh ddhcluster keypair " +
  "launchtemplate reservedinstance snapshotpolicy elasticityassurance capacityreservation"
).split(" ");

const MAX_RESOURCES = 50;
export const MAX_TAGS_OF_RESOURCE = 20;
/** Longer than elsewhere. */
const MAX_KEY = 128;
const MAX_TAG_VALUES = 5;
/** Stands for the resource group where resources are asked for by tag. */
export const GROUP_KEY = "acs:rm:rgId";

const invalid = code("InvalidParameter");
const resourceType = required("MissingParameter.ResourceType")
  .refine((given) => RESOURCE_TYPES.includes(given), code("InvalidResourceType.NotFound"))
  .meta({
    takes:
      "`command`, `invocation`, `activation`, `managedinstance`, `instance`; of the other documented kinds there is nothing",
  });
const resourceIds = z
  .array(z.string(invalid), invalid)
  .default([])
  .transform((ids) => [...new Set(ids.filter((id) => id !== ""))])
  .refine((ids) => ids.length <= MAX_RESOURCES, code("NumberExceed.ResourceIds"))
  .meta({ takes: `up to ${MAX_RESOURCES} ids` });
const someResourceIds = resourceIds.refine((ids) => ids.length > 0, code("MissingParameter.ResourceIds"));

const Given = z.array(z.object({ Key: z.string().optional(), Value: z.string().optional() }), invalid).default([]);

function findWrongNewTag(
  given: readonly { readonly Key?: string | undefined }[],
  tags: readonly Tag[],
): ApiErrorCode | undefined {
  if (tags.length === 0) return "MissingParameter.Tags";
  if (given.some(({ Key }) => Key === undefined)) return "InvalidTag.Mismatch";
  if (tags.some(({ key }) => key.startsWith("acs:rm:"))) return "NoPermission.Tag";
  const wrong = findWrongTag(tags, { maxKey: MAX_KEY });
  if (wrong) return wrong === "missingKey" ? "InvalidTagKey.Malformed" : TAG_CODES[wrong];
  return new Set(tags.map(({ key }) => key.toLowerCase())).size < tags.length ? "TagKey.Duplication" : undefined;
}
const TAG_CODES = {
  tooMany: "NumberExceed.Tags",
  badKey: "InvalidTagKey.Malformed",
  badValue: "InvalidTagValue.Malformed",
  duplicate: "Duplicate.TagKey",
} as const satisfies Record<string, ApiErrorCode>;

export const TagResourcesInput = z.object({
  RegionId: required("MissingParameter.RegionId"),
  ResourceType: resourceType,
  ResourceId: someResourceIds,
  Tag: Given.transform((given, context): Tag[] => {
    const tags = given.map(({ Key = "", Value = "" }) => ({ key: Key, value: Value }));
    const wrong = findWrongNewTag(given, tags);
    if (wrong) context.issues.push({ code: "custom", message: wrong, input: given });
    return tags;
  }).meta({ takes: `up to ${MAX_TAGS_OF_RESOURCE} of \`Key\` (1-${MAX_KEY} characters) and \`Value\` (0-128)` }),
});

const tagKey = z
  .string(invalid)
  .refine(
    (key) => key !== "" && key.length <= MAX_KEY && !isReservedKey(key) && !hasUrl(key),
    code("InvalidTagKey.Malformed"),
  );

export const UntagResourcesInput = z
  .object({
    RegionId: required("MissingParameter.RegionId"),
    ResourceType: resourceType,
    ResourceId: someResourceIds,
    TagKey: z
      .array(tagKey, invalid)
      .default([])
      .refine((keys) => keys.length <= MAX_TAGS_OF_RESOURCE, code("NumberExceed.Tags"))
      .refine((keys) => new Set(keys).size === keys.length, code("Duplicate.TagKey"))
      .meta({ takes: `up to ${MAX_TAGS_OF_RESOURCE} keys` }),
    All: flag,
  })
  .refine(({ All, TagKey }) => !(All && TagKey.length > 0), code("Param.Conflict"))
  .refine(({ All, TagKey }) => All || TagKey.length > 0, code("MissingParameter.Tags"));

/** A tag to look for: with any value where none is given. */
export type TagQuery = { readonly key: string; readonly value?: string };

const queries = Given.transform((given, context): TagQuery[] => {
  const asked = given.map(({ Key = "", Value }) => ({ key: Key, ...(Value !== undefined && { value: Value }) }));
  const group = asked.some(({ key }) => key === GROUP_KEY);
  const plain = asked.filter(({ key }) => key !== GROUP_KEY).map(({ key, value = "" }) => ({ key, value }));
  const wrong =
    group && plain.length > 0
      ? "mixed"
      : asked.length > 1 && group
        ? "duplicate"
        : findWrongTag(plain, { maxKey: MAX_KEY });
  if (wrong)
    context.issues.push({
      code: "custom",
      message: { ...TAG_CODES, mixed: code("InvalidTag.NotSupported"), missingKey: code("InvalidTag.Mismatch") }[wrong],
      input: given,
    });
  return asked;
}).meta({
  takes: `up to ${MAX_TAGS_OF_RESOURCE} of \`Key\` and \`Value\`, all of which must fit; \`${GROUP_KEY}\` alone asks for a resource group`,
});

/** `*` stands for any characters. */
export type TagPattern = { readonly key: string; readonly values: readonly string[] };

const patterns = z
  .array(
    z.object(
      { TagKey: z.string().optional(), TagValues: z.array(z.string()).default([]) },
      code("InvalidTagFilter.Malformed"),
    ),
    code("InvalidTagFilter.Malformed"),
  )
  .default([])
  .refine((given) => given.every(({ TagValues }) => TagValues.length <= MAX_TAG_VALUES), code("NumberExceed.TagValues"))
  .refine(
    (given) =>
      given.length <= MAX_TAGS_OF_RESOURCE &&
      given.every(({ TagKey = "" }) => TagKey !== "" && TagKey.length <= MAX_KEY),
    code("InvalidTagFilter.Malformed"),
  )
  .transform((given): TagPattern[] => given.map(({ TagKey = "", TagValues }) => ({ key: TagKey, values: TagValues })))
  .meta({ takes: `\`TagKey\` and up to ${MAX_TAG_VALUES} \`TagValues\`, with \`*\` for any characters; not with Tag` });

export const ListTagResourcesInput = z
  .object({
    RegionId: required("MissingParameter.RegionId"),
    ResourceType: resourceType,
    ResourceId: resourceIds,
    Tag: queries,
    TagFilter: patterns,
    NextToken: optional,
  })
  .refine(({ Tag, TagFilter }) => Tag.length === 0 || TagFilter.length === 0, code("InvalidTags.MalFormed"))
  .refine(
    ({ ResourceId, Tag, TagFilter }) => ResourceId.length + Tag.length + TagFilter.length > 0,
    code("BothEmpty.TagsAndResources"),
  );

export type TagResourceAnswer = {
  readonly ResourceType: string;
  readonly ResourceId: string;
  readonly TagKey: string;
  readonly TagValue: string;
};
export type ListTagResourcesAnswer = {
  readonly NextToken: string;
  readonly TagResources: { readonly TagResource: readonly TagResourceAnswer[] };
};
