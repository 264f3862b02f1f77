import { AssumeRoleInput, type AssumeRoleAnswer } from "@cloud-assistant/shared/api/identity";
import { STS_VERSION } from "@cloud-assistant/shared/api/versions";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../../context.ts";
import { accessKeyPurpose } from "../../domain/seal-purposes.ts";
import { makeSecurityToken } from "../../domain/security-token.ts";
import { parsePolicy, PolicyFault } from "../../policy/document.ts";
import type { TemporaryKey, UserRef } from "../../store/identity.ts";
import { defineAction, type Call } from "../action.ts";
import { toTime } from "../run-answer.ts";
import { findUser } from "./owner.ts";

/** Temporary keys of one permanent key that work at a time: a client that asks for one a call must not fill the disk. */
const MAX_LIVE = 1_000;

/**
 * A temporary key with the rights of a user, at most those that its own policy allows too. A user gets one for itself, the account
 * for itself and its users. It works as long as the permanent key that asked for it does, at most 12 hours; it makes no others.
 */
export const assumeRole = defineAction({
  name: "AssumeRole",
  version: STS_VERSION,
  resources: "anybody",
  input: AssumeRoleInput,
  mutates: true,
  run: async (context, input, call): Promise<AssumeRoleAnswer> => {
    const { ids, keys, clock, store } = context;
    const user = await findAssumed(context, input.RoleArn, call);
    if (input.Policy !== undefined) checkPolicy(input.Policy);
    const [accessKeyId, secret] = [ids.temporaryKeyId(), ids.accessKeySecret()];
    const createdMs = clock.now();
    const key: TemporaryKey = {
      accessKeyId,
      accountId: call.caller.accountId,
      ...(user && { user }),
      sealedSecret: keys.seal(accessKeyPurpose(accessKeyId), secret),
      sessionName: input.RoleSessionName,
      parentKeyId: call.caller.accessKeyId,
      ...(input.Policy !== undefined && { policy: input.Policy }),
      createdMs,
      expiresMs: createdMs + input.DurationSeconds * 1000,
    };
    if (!(await store.temporaryKeys.create(key, MAX_LIVE, call.request))) throw new ApiError("Throttling.User");
    call.committed();
    return {
      Credentials: {
        AccessKeyId: accessKeyId,
        AccessKeySecret: secret,
        SecurityToken: makeSecurityToken(keys, accessKeyId),
        Expiration: toTime(key.expiresMs),
      },
      AssumedRoleUser: {
        Arn: `acs:ram::${key.accountId}:assumed-role/${user?.userName ?? "root"}/${key.sessionName}`,
        AssumedRoleId: `${user?.userId ?? key.accountId}:${key.sessionName}`,
      },
    };
  },
});

/** Undefined: the account itself. */
async function findAssumed(
  context: Context,
  { accountId, userName }: AssumeRoleInput["RoleArn"],
  call: Call,
): Promise<UserRef | undefined> {
  const { caller } = call;
  if (caller.session || accountId !== caller.accountId) throw new ApiError("NoPermission");
  if (caller.user && caller.user.userName !== userName) throw new ApiError("NoPermission");
  return userName === undefined ? undefined : findUser(context, call, userName);
}

function checkPolicy(document: string): void {
  try {
    parsePolicy(document);
  } catch (error) {
    if (error instanceof PolicyFault)
      throw new ApiError("InvalidParameter.PolicyGrammar", { values: [error.message], cause: error });
    throw error;
  }
}
