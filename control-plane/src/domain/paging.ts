/** What a caller asked for; the token scheme wins when any of its parameters is there (api-facts 1.6). */
export type PageRequest = {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
  readonly PageNumber?: number | undefined;
  readonly PageSize?: number | undefined;
};
export type PagePlan = {
  readonly page: { readonly limit: number; readonly after?: string; readonly offset?: number };
  readonly tokens: boolean;
  readonly pageNumber: number;
  readonly pageSize: number;
};

const DEFAULT_PAGE_SIZE = 10;

/** @param after the position inside `NextToken`, already opened */
export function planPage(request: PageRequest, after: string | undefined): PagePlan {
  if (request.MaxResults !== undefined || request.NextToken !== undefined) {
    const limit = request.MaxResults ?? DEFAULT_PAGE_SIZE;
    return { page: { limit, ...(after !== undefined && { after }) }, tokens: true, pageNumber: 1, pageSize: limit };
  }
  const pageNumber = request.PageNumber ?? 1;
  const limit = request.PageSize ?? DEFAULT_PAGE_SIZE;
  return { page: { limit, offset: (pageNumber - 1) * limit }, tokens: false, pageNumber, pageSize: limit };
}
