/** What can have tags. */
export const TAGGED_KINDS = ["activation", "command", "instance", "invocation"] as const;
export type TaggedKind = (typeof TAGGED_KINDS)[number];
