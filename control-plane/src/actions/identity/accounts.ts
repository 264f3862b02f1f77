import {
  CreateAccountInput,
  ListAccountsInput,
  type AccountAnswer,
  type CreateAccountAnswer,
  type ListAccountsAnswer,
} from "@cloud-assistant/shared/api/identity";
import { RAM_VERSION } from "@cloud-assistant/shared/api/versions";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../../context.ts";
import type { Account } from "../../store/identity.ts";
import { defineAction, type Call } from "../action.ts";
import { toTime } from "../run-answer.ts";
import { makeAccessKey, toAccessKeyAnswer } from "./owner.ts";

const common = { version: RAM_VERSION, resources: "accountOnly" } as const;

/** Ours: another account, which sees nothing of the others, with its first key. For the main account alone, as is the list. */
export const createAccount = defineAction({
  ...common,
  name: "CreateAccount",
  input: CreateAccountInput,
  mutates: true,
  run: async (context, { AccountName }, call): Promise<CreateAccountAnswer> => {
    refuseOthers(context, call);
    const { store, ids, clock } = context;
    const account: Account = { accountId: ids.accountId(), accountName: AccountName, createdMs: clock.now() };
    const { key, secret } = makeAccessKey(context, account.accountId, undefined);
    if (!(await store.accounts.create(account, key, call.request))) throw new ApiError("EntityAlreadyExists.Account");
    call.committed();
    return { Account: toAnswer(account), AccessKey: { ...toAccessKeyAnswer(key), AccessKeySecret: secret } };
  },
});

/** Ours. */
export const listAccounts = defineAction({
  ...common,
  name: "ListAccounts",
  input: ListAccountsInput,
  mutates: false,
  run: async (context, _input, call): Promise<ListAccountsAnswer> => {
    refuseOthers(context, call);
    return { Accounts: { Account: (await context.store.accounts.list()).map(toAnswer) } };
  },
});

function refuseOthers({ config }: Context, { caller }: Call): void {
  if (caller.accountId !== config.accountId) throw new ApiError("NoPermission");
}

function toAnswer({ accountId, accountName, createdMs }: Account): AccountAnswer {
  return { AccountId: accountId, AccountName: accountName, CreateDate: toTime(createdMs) };
}
