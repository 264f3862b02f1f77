import type { AccessKeyAnswer } from "@cloud-assistant/shared/api/identity";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { Context } from "../../context.ts";
import { accessKeyPurpose } from "../../domain/seal-purposes.ts";
import type { AccessKey, KeyOwner, User, UserRef } from "../../store/identity.ts";
import type { Call } from "../action.ts";
import { toTime } from "../run-answer.ts";

/** @throws {ApiError} `EntityNotExist.User` */
export async function findUser({ store }: Pick<Context, "store">, { caller }: Call, userName: string): Promise<User> {
  const user = await store.users.find(caller.accountId, userName);
  if (!user) throw new ApiError("EntityNotExist.User");
  return user;
}

/** The named user; without a name the account itself. */
export async function findOwner(
  context: Pick<Context, "store">,
  call: Call,
  userName: string | undefined,
): Promise<KeyOwner & { readonly user?: User }> {
  const user = userName === undefined ? undefined : await findUser(context, call, userName);
  return { accountId: call.caller.accountId, userId: user?.userId, ...(user && { user }) };
}

/** A new permanent key, and its secret, which is told once and otherwise only sealed. */
export function makeAccessKey(
  { ids, keys, clock }: Pick<Context, "ids" | "keys" | "clock">,
  accountId: string,
  user: UserRef | undefined,
): { key: AccessKey; secret: string } {
  const [accessKeyId, secret] = [ids.accessKeyId(), ids.accessKeySecret()];
  const sealedSecret = keys.seal(accessKeyPurpose(accessKeyId), secret);
  return {
    key: { accessKeyId, accountId, ...(user && { user }), sealedSecret, enabled: true, createdMs: clock.now() },
    secret,
  };
}

export function toAccessKeyAnswer({ accessKeyId, enabled, createdMs }: AccessKey): AccessKeyAnswer {
  return { AccessKeyId: accessKeyId, Status: enabled ? "Active" : "Inactive", CreateDate: toTime(createdMs) };
}
