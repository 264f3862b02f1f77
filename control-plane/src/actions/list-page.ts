import type { TokenPage } from "@cloud-assistant/shared/api/answers";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../context.ts";
import { planPage, type PageRequest } from "../domain/paging.ts";
import type { Page, Paged } from "../store/store.ts";
import type { Call } from "./action.ts";

/**
 * Lists one page by either scheme. A token is sealed for the account, the action and its filters: one that was made for another
 * question, or by hand, does not open.
 */
export async function listPage<Row>(
  { keys }: Pick<Context, "keys">,
  { action, caller }: Pick<Call, "action" | "caller">,
  input: PageRequest,
  list: (page: Page) => Promise<Paged<Row>>,
): Promise<{ rows: readonly Row[]; page: TokenPage }> {
  const { NextToken, MaxResults, PageNumber, PageSize, ...filters } = input;
  const purpose = `page-token ${caller.accountId} ${action} ${JSON.stringify(filters)}`;
  const plan = planPage({ NextToken, MaxResults, PageNumber, PageSize }, NextToken === undefined ? undefined : openToken(keys, purpose, NextToken));
  const { rows, total, next } = await list(plan.page);
  return {
    rows,
    page: {
      PageNumber: plan.pageNumber,
      PageSize: plan.pageSize,
      TotalCount: total,
      NextToken: plan.tokens && next !== undefined ? Buffer.from(keys.seal(purpose, String(next))).toString("base64url") : "",
    },
  };
}

/** For a filter that nothing can match. */
export const emptyPage = async (): Promise<Paged<never>> => ({ rows: [], total: 0 });

function openToken(keys: Context["keys"], purpose: string, token: string): number {
  try {
    const sealed = Buffer.from(token, "base64url");
    if (sealed.toString("base64url") !== token) throw new Error("the token is not as it was made");
    return Number(keys.unseal(purpose, sealed));
  } catch (error) {
    throw new ApiError("InvalidParameter.NextToken", { cause: error });
  }
}
