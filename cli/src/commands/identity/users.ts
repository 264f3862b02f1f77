import type {
  ListAccessKeysAnswer,
  ListPoliciesForUserAnswer,
  ListUsersAnswer,
  UserNameAnswer,
} from "@cloud-assistant/shared/api/identity";
import type { Io } from "../../io.ts";
import { toTable } from "../../table.ts";
import { tell, withRam, type Flags, type Ram } from "./ram.ts";

export type UserCreateFlags = Flags & { readonly displayName?: string; readonly comments?: string };

export function runUserCreate(name: string, flags: UserCreateFlags, io: Io): Promise<number> {
  return withRam(flags, io, async (ram) => {
    const asked = { UserName: name, DisplayName: flags.displayName, Comments: flags.comments };
    const { User } = await ram<UserNameAnswer>("CreateUser", asked);
    const next = `It may do nothing yet: cloud-assistant policy attach, and access-key create --user ${User.UserName}.\n`;
    await tell(flags, io, { userId: User.UserId, userName: User.UserName }, `User ${User.UserName} is there. ${next}`);
  });
}

export function runUserList(flags: Flags, io: Io): Promise<number> {
  return withRam(flags, io, async (ram) => {
    const { Users } = await ram<ListUsersAnswer>("ListUsers");
    const json = Users.User.map((user) => ({
      userId: user.UserId,
      userName: user.UserName,
      displayName: user.DisplayName,
      comments: user.Comments,
      createdAt: user.CreateDate,
    }));
    const rows = json.map(({ userName, displayName, comments, createdAt }) => [
      userName,
      displayName,
      comments,
      createdAt,
    ]);
    await tell(flags, io, json, toTable(["user", "name", "comments", "created"], rows));
  });
}

/** @param flags `force`: its keys and policies go first; without it a user that has any stays. */
export function runUserDelete(name: string, flags: Flags & { readonly force?: boolean }, io: Io): Promise<number> {
  return withRam(flags, io, async (ram) => {
    if (flags.force) await takeEverything(ram, name);
    await ram("DeleteUser", { UserName: name });
    await tell(flags, io, { userName: name, deleted: true }, `User ${name} is gone.\n`);
  });
}

async function takeEverything(ram: Ram, UserName: string): Promise<void> {
  const { AccessKeys } = await ram<ListAccessKeysAnswer>("ListAccessKeys", { UserName });
  for (const { AccessKeyId } of AccessKeys.AccessKey)
    await ram("DeleteAccessKey", { UserName, UserAccessKeyId: AccessKeyId });
  const { Policies } = await ram<ListPoliciesForUserAnswer>("ListPoliciesForUser", { UserName });
  for (const { PolicyType, PolicyName } of Policies.Policy)
    await ram("DetachPolicyFromUser", { UserName, PolicyType, PolicyName });
}
