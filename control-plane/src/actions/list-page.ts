import type { TokenPage } from "@cloud-assistant/shared/api/answers";
import { ApiError, type ApiErrorCode } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import { planPage, type PageRequest } from "../domain/paging.ts";
import type { Page, Paged } from "../store/store.ts";
import type { Call } from "./action.ts";

type Asked = Pick<Call, "action" | "caller">;

/** Lists one page by either scheme. */
export async function listPage<Row>(
  context: Pick<Context, "keys">,
  call: Asked,
  input: PageRequest,
  list: (page: Page) => Promise<Paged<Row>>,
): Promise<{ rows: readonly Row[]; page: TokenPage }> {
  const { NextToken, MaxResults, PageNumber, PageSize, ...filters } = input;
  const tokens = pageTokens(context, call, filters);
  const plan = planPage(
    { NextToken, MaxResults, PageNumber, PageSize },
    NextToken === undefined ? undefined : tokens.open(NextToken),
  );
  const { rows, total, next } = await list(plan.page);
  return {
    rows,
    page: {
      PageNumber: plan.pageNumber,
      PageSize: plan.pageSize,
      TotalCount: total,
      NextToken: plan.tokens && next !== undefined ? tokens.seal(next) : "",
    },
  };
}

/** For a filter that nothing can match. */
export const emptyPage = async (): Promise<Paged<never>> => ({ rows: [], total: 0 });

/**
 * Positions as texts that only this question of this account opens again: sealed under the master key for action, account
 * and filters, so they tell nothing, and one made for another question or by hand does not open.
 */
export function pageTokens(
  { keys }: Pick<Context, "keys">,
  { action, caller }: Asked,
  filters: object,
  invalid: ApiErrorCode = "InvalidParameter.NextToken",
): { readonly open: (token: string) => string; readonly seal: (position: string) => string } {
  const purpose = `page-token ${JSON.stringify([action, caller.accountId, filters])}`;
  return {
    seal: (position) => Buffer.from(keys.seal(purpose, position)).toString("base64url"),
    open: (token) => {
      try {
        const sealed = Buffer.from(token, "base64url");
        if (sealed.toString("base64url") !== token) throw new Error("the token is not as it was made");
        return keys.unseal(purpose, sealed);
      } catch (error) {
        throw new ApiError(invalid, { cause: error });
      }
    },
  };
}
