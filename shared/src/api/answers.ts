/** Paging fields of every list; numbers, always there (api-facts 1.6). `NextToken` is empty on the last page. */
export type TokenPage = {
  readonly PageNumber: number;
  readonly PageSize: number;
  readonly TotalCount: number;
  readonly NextToken: string;
};

export type TagAnswer = { readonly TagKey: string; readonly TagValue: string };

/** `yyyy-MM-ddTHH:mm:ssZ`, UTC; an unset time is an empty text. @param iso of `Date.toISOString` */
export function toSecondsTime(iso: string | undefined): string {
  return iso === undefined ? "" : `${iso.slice(0, 19)}Z`;
}

/** `yyyy-MM-ddTHH:mmZ`, as instances have it. */
export function toMinutesTime(iso: string): string {
  return `${iso.slice(0, 16)}Z`;
}
