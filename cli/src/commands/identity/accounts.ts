import type { CreateAccountAnswer, ListAccountsAnswer } from "@cloud-assistant/shared/api/identity";
import type { Io } from "../../io.ts";
import { toTable } from "../../table.ts";
import { tell, toJsonKey, toKeyText, withRam, type Flags } from "./ram.ts";

export function runAccountCreate(name: string, flags: Flags, io: Io): Promise<number> {
  return withRam(flags, io, async (ram) => {
    const { Account, AccessKey } = await ram<CreateAccountAnswer>("CreateAccount", { AccountName: name });
    const json = { accountId: Account.AccountId, accountName: Account.AccountName, ...toJsonKey(AccessKey) };
    await tell(
      flags,
      io,
      json,
      `Account          ${Account.AccountId} (${Account.AccountName})\n${toKeyText(AccessKey)}`,
    );
  });
}

export function runAccountList(flags: Flags, io: Io): Promise<number> {
  return withRam(flags, io, async (ram) => {
    const { Accounts } = await ram<ListAccountsAnswer>("ListAccounts");
    const rows = Accounts.Account.map(({ AccountId, AccountName, CreateDate }) => [AccountId, AccountName, CreateDate]);
    const json = rows.map(([accountId, accountName, createdAt]) => ({ accountId, accountName, createdAt }));
    await tell(flags, io, json, toTable(["account", "name", "created"], rows));
  });
}
