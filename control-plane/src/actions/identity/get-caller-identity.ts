import { GetCallerIdentityInput, type GetCallerIdentityAnswer } from "@cloud-assistant/shared/api/identity";
import { STS_VERSION } from "@cloud-assistant/shared/api/versions";
import { defineAction } from "../action.ts";

export const getCallerIdentity = defineAction({
  name: "GetCallerIdentity",
  version: STS_VERSION,
  resources: "anybody",
  input: GetCallerIdentityInput,
  mutates: false,
  run: async (_context, _input, { caller: { accountId, user, session } }): Promise<GetCallerIdentityAnswer> => {
    const userId = user?.userId ?? accountId;
    const whose = session
      ? `assumed-role/${user?.userName ?? "root"}/${session.name}`
      : user
        ? `user/${user.userName}`
        : "root";
    return {
      IdentityType: session ? "AssumedRoleUser" : user ? "RAMUser" : "Account",
      AccountId: accountId,
      UserId: userId,
      PrincipalId: session ? `${userId}:${session.name}` : userId,
      Arn: `acs:ram::${accountId}:${whose}`,
    };
  },
});
