import * as z from "zod";
import type { ApiErrorCode } from "../errors.ts";
import type { Told } from "./fields.ts";

/** Tags of a resource, or a filter over them (api-facts 1.7). */
export type Tag = { readonly key: string; readonly value: string };

const MAX_TAGS = 20;
const MAX_KEY = 64;
const MAX_VALUE = 128;

export const TAG_CODES = {
  tooMany: "NumberExceed.Tags",
  missingKey: "MissingParameter.TagKey",
  badKey: "InvalidTagKey.Malformed",
  badValue: "InvalidTagValue.Malformed",
  duplicate: "Duplicate.TagKey",
} as const satisfies Record<string, ApiErrorCode>;

const RESOURCE_TAG_CODES = {
  tooMany: "NumberExceed.ResourceTags",
  missingKey: "MissingParameter.ResourceTagKey",
  badKey: "InvalidResourceTagKey.Malformed",
  badValue: "InvalidResourceTagValue.Malformed",
  duplicate: "Duplicate.ResourceTagKey",
} as const satisfies Record<string, ApiErrorCode>;

const Given = z
  .array(z.object({ Key: z.string().optional(), Value: z.string().optional() }), "InvalidParameter")
  .default([]);

export const tagList = (codes: Record<keyof typeof TAG_CODES, ApiErrorCode>) =>
  Given.transform((given, context): Tag[] => {
    const tags = given.map(({ Key = "", Value = "" }) => ({ key: Key, value: Value }));
    const wrong = findWrongTag(tags);
    if (wrong) context.issues.push({ code: "custom", message: codes[wrong], input: given });
    return tags;
  }).meta({
    takes: `up to ${MAX_TAGS} of \`Key\` (1-${MAX_KEY} characters) and \`Value\` (0-${MAX_VALUE})`,
  } satisfies Told);

export const tags = tagList(TAG_CODES);
export const resourceTags = tagList(RESOURCE_TAG_CODES);

/** What is wrong with a list of tags, if anything is. */
export function findWrongTag(given: readonly Tag[], { maxKey = MAX_KEY } = {}): keyof typeof TAG_CODES | undefined {
  if (given.length > MAX_TAGS) return "tooMany";
  for (const { key, value } of given) {
    if (key === "") return "missingKey";
    if (key.length > maxKey || isReservedKey(key) || hasUrl(key)) return "badKey";
    if (value.length > MAX_VALUE || hasUrl(value)) return "badValue";
  }
  return new Set(given.map(({ key }) => key)).size < given.length ? "duplicate" : undefined;
}

export function isReservedKey(key: string): boolean {
  return /^(?:aliyun|acs:)/i.test(key);
}

export function hasUrl(text: string): boolean {
  return /https?:\/\//.test(text);
}
