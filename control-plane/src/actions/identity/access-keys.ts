import {
  AccessKeysOfInput,
  DeleteAccessKeyInput,
  UpdateAccessKeyInput,
  type CreateAccessKeyAnswer,
  type ListAccessKeysAnswer,
} from "@cloud-assistant/shared/api/identity";
import { RAM_VERSION } from "@cloud-assistant/shared/api/versions";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { KeyChange } from "../../store/identity.ts";
import { defineAction, type Call } from "../action.ts";
import { findOwner, makeAccessKey, toAccessKeyAnswer } from "./owner.ts";

/** Keys of one user, or of the account itself: two at a time are what a rotation needs, the rest is for tools of their own. */
const MAX_KEYS = 10;

const common = { version: RAM_VERSION, resources: "accountOnly" } as const;

/** The secret is shown only here. */
export const createAccessKey = defineAction({
  ...common,
  name: "CreateAccessKey",
  input: AccessKeysOfInput,
  mutates: true,
  run: async (context, { UserName }, call): Promise<CreateAccessKeyAnswer> => {
    const { accountId, user } = await findOwner(context, call, UserName);
    const { key, secret } = makeAccessKey(context, accountId, user);
    if (!(await context.store.accessKeys.create(key, MAX_KEYS, call.request)))
      throw new ApiError("LimitExceeded.User.AccessKey");
    call.committed();
    return { AccessKey: { ...toAccessKeyAnswer(key), AccessKeySecret: secret } };
  },
});

export const listAccessKeys = defineAction({
  ...common,
  name: "ListAccessKeys",
  input: AccessKeysOfInput,
  mutates: false,
  run: async (context, { UserName }, call): Promise<ListAccessKeysAnswer> => {
    const owner = await findOwner(context, call, UserName);
    return { AccessKeys: { AccessKey: (await context.store.accessKeys.list(owner)).map(toAccessKeyAnswer) } };
  },
});

/** From its commit on, no request passes with a key that is inactive, nor with a temporary key it has made. */
export const updateAccessKey = defineAction({
  ...common,
  name: "UpdateAccessKey",
  input: UpdateAccessKeyInput,
  mutates: true,
  run: async (context, { UserName, UserAccessKeyId, Status }, call): Promise<object> => {
    const owner = await findOwner(context, call, UserName);
    return finish(
      await context.store.accessKeys.setEnabled(owner, UserAccessKeyId, Status === "Active", call.request),
      call,
    );
  },
});

export const deleteAccessKey = defineAction({
  ...common,
  name: "DeleteAccessKey",
  input: DeleteAccessKeyInput,
  mutates: true,
  run: async (context, { UserName, UserAccessKeyId }, call): Promise<object> => {
    const owner = await findOwner(context, call, UserName);
    return finish(await context.store.accessKeys.remove(owner, UserAccessKeyId, call.request), call);
  },
});

function finish(change: KeyChange, call: Call): object {
  if (change === "unknown") throw new ApiError("EntityNotExist.User.AccessKey");
  if (change === "last") throw new ApiError("OperationDenied.LastAccessKey");
  call.committed();
  return {};
}
