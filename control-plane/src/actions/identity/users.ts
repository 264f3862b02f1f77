import {
  CreateUserInput,
  ListUsersInput,
  UserNameInput,
  type ListUsersAnswer,
  type UserAnswer,
  type UserNameAnswer,
} from "@cloud-assistant/shared/api/identity";
import { RAM_VERSION } from "@cloud-assistant/shared/api/versions";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { User } from "../../store/identity.ts";
import { defineAction } from "../action.ts";
import { toTime } from "../run-answer.ts";
import { findUser } from "./owner.ts";

/** Users of one account; lists come whole, so it is bounded. */
const MAX_USERS = 1_000;

const common = { version: RAM_VERSION, resources: "accountOnly" } as const;

export const createUser = defineAction({
  ...common,
  name: "CreateUser",
  input: CreateUserInput,
  mutates: true,
  run: async ({ store, ids, clock }, input, call): Promise<UserNameAnswer> => {
    const user: User = {
      userId: ids.userId(),
      userName: input.UserName,
      accountId: call.caller.accountId,
      displayName: input.DisplayName || input.UserName,
      comments: input.Comments,
      createdMs: clock.now(),
    };
    const result = await store.users.create(user, MAX_USERS, call.request);
    if (result === "exists") throw new ApiError("EntityAlreadyExists.User");
    if (result === "tooMany") throw new ApiError("LimitExceeded.User");
    call.committed();
    return { User: toAnswer(user) };
  },
});

export const getUser = defineAction({
  ...common,
  name: "GetUser",
  input: UserNameInput,
  mutates: false,
  run: async (context, { UserName }, call): Promise<UserNameAnswer> => ({
    User: toAnswer(await findUser(context, call, UserName)),
  }),
});

export const listUsers = defineAction({
  ...common,
  name: "ListUsers",
  input: ListUsersInput,
  mutates: false,
  run: async ({ store }, _input, { caller }): Promise<ListUsersAnswer> => ({
    IsTruncated: false,
    Users: { User: (await store.users.list(caller.accountId)).map(toAnswer) },
  }),
});

export const deleteUser = defineAction({
  ...common,
  name: "DeleteUser",
  input: UserNameInput,
  mutates: true,
  run: async ({ store }, { UserName }, call): Promise<object> => {
    const result = await store.users.remove(call.caller.accountId, UserName, call.request);
    if (result === "unknown") throw new ApiError("EntityNotExist.User");
    if (result === "hasKeys") throw new ApiError("DeleteConflict.User.AccessKey");
    if (result === "hasPolicies") throw new ApiError("DeleteConflict.User.Policy");
    call.committed();
    return {};
  },
});

function toAnswer({ userId, userName, displayName, comments, createdMs }: User): UserAnswer {
  return {
    UserId: userId,
    UserName: userName,
    DisplayName: displayName,
    Comments: comments,
    CreateDate: toTime(createdMs),
  };
}
