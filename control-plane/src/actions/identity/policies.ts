import {
  AttachPolicyInput,
  ListPoliciesInput,
  PolicyInput,
  PolicyNameInput,
  PutPolicyInput,
  UserNameInput,
  type GetPolicyAnswer,
  type ListPoliciesAnswer,
  type ListPoliciesForUserAnswer,
  type PolicyAnswer,
  type PutPolicyAnswer,
} from "@cloud-assistant/shared/api/identity";
import { RAM_VERSION } from "@cloud-assistant/shared/api/versions";
import { ApiError } from "@cloud-assistant/shared/errors";
import { parsePolicy, PolicyFault } from "../../policy/document.ts";
import { SYSTEM_POLICIES } from "../../policy/system-policies.ts";
import type { StoredPolicy } from "../../store/identity.ts";
import { defineAction } from "../action.ts";
import { toTime } from "../run-answer.ts";
import { findUser } from "./owner.ts";

/** Policies of one account; lists come whole, so it is bounded. */
const MAX_POLICIES = 1_000;
/** Policies of one user: each is asked at each call. */
const MAX_ATTACHED = 20;

const common = { version: RAM_VERSION, resources: "accountOnly" } as const;

/** Ours: creates or replaces; it holds for the next call of every user it is attached to. */
export const putPolicy = defineAction({
  ...common,
  name: "PutPolicy",
  input: PutPolicyInput,
  mutates: true,
  run: async ({ store, clock }, { PolicyName, PolicyDocument, Description }, call): Promise<PutPolicyAnswer> => {
    if (SYSTEM_POLICIES.has(PolicyName)) throw new ApiError("EntityAlreadyExists.Policy");
    checkDocument(PolicyDocument);
    const { accountId } = call.caller;
    const atMs = clock.now();
    const policy: StoredPolicy = {
      accountId,
      policyName: PolicyName,
      description: Description,
      document: PolicyDocument,
      createdMs: atMs,
      updatedMs: atMs,
    };
    const result = await store.policies.put(policy, MAX_POLICIES, call.request);
    if (result === "tooMany") throw new ApiError("LimitExceeded.Policy");
    call.committed();
    return { Policy: toAnswer((await store.policies.find(accountId, PolicyName)) ?? policy) };
  },
});

function checkDocument(document: string): void {
  try {
    parsePolicy(document);
  } catch (error) {
    if (error instanceof PolicyFault)
      throw new ApiError("MalformedPolicyDocument", { values: [error.message], cause: error });
    throw error;
  }
}

export const getPolicy = defineAction({
  ...common,
  name: "GetPolicy",
  input: PolicyInput,
  mutates: false,
  run: async ({ store }, { PolicyName, PolicyType }, { caller }): Promise<GetPolicyAnswer> => {
    const system = PolicyType === "System" ? SYSTEM_POLICIES.get(PolicyName) : undefined;
    if (system) return { Policy: { ...toSystemAnswer(PolicyName), PolicyDocument: system.document } };
    const policy = PolicyType === "Custom" ? await store.policies.find(caller.accountId, PolicyName) : undefined;
    if (!policy) throw new ApiError("EntityNotExist.Policy");
    return { Policy: { ...toAnswer(policy), PolicyDocument: policy.document } };
  },
});

export const listPolicies = defineAction({
  ...common,
  name: "ListPolicies",
  input: ListPoliciesInput,
  mutates: false,
  run: async ({ store }, { PolicyType }, { caller }): Promise<ListPoliciesAnswer> => {
    const custom = PolicyType === "System" ? [] : (await store.policies.list(caller.accountId)).map(toAnswer);
    const system = PolicyType === "Custom" ? [] : [...SYSTEM_POLICIES.keys()].map(toSystemAnswer);
    return { IsTruncated: false, Policies: { Policy: [...custom, ...system] } };
  },
});

export const deletePolicy = defineAction({
  ...common,
  name: "DeletePolicy",
  input: PolicyNameInput,
  mutates: true,
  run: async ({ store }, { PolicyName }, call): Promise<object> => {
    const result = await store.policies.remove(call.caller.accountId, PolicyName, call.request);
    if (result === "unknown") throw new ApiError("EntityNotExist.Policy");
    if (result === "attached") throw new ApiError("DeleteConflict.Policy.User");
    call.committed();
    return {};
  },
});

export const attachPolicyToUser = defineAction({
  ...common,
  name: "AttachPolicyToUser",
  input: AttachPolicyInput,
  mutates: true,
  run: async (context, { PolicyType: type, PolicyName: name, UserName }, call): Promise<object> => {
    const user = await findUser(context, call, UserName);
    if (type === "System" && !SYSTEM_POLICIES.has(name)) throw new ApiError("EntityNotExist.Policy");
    const { store, clock } = context;
    const result = await store.policies.attach(user, { type, name }, clock.now(), MAX_ATTACHED, call.request);
    if (result === "unknown") throw new ApiError("EntityNotExist.Policy");
    if (result === "already") throw new ApiError("EntityAlreadyExists.User.Policy");
    if (result === "tooMany") throw new ApiError("LimitExceeded.User.Policy");
    call.committed();
    return {};
  },
});

export const detachPolicyFromUser = defineAction({
  ...common,
  name: "DetachPolicyFromUser",
  input: AttachPolicyInput,
  mutates: true,
  run: async (context, { PolicyType: type, PolicyName: name, UserName }, call): Promise<object> => {
    const user = await findUser(context, call, UserName);
    if (!(await context.store.policies.detach(user, { type, name }, call.request)))
      throw new ApiError("EntityNotExist.User.Policy");
    call.committed();
    return {};
  },
});

export const listPoliciesForUser = defineAction({
  ...common,
  name: "ListPoliciesForUser",
  input: UserNameInput,
  mutates: false,
  run: async (context, { UserName }, call): Promise<ListPoliciesForUserAnswer> => {
    const { userId } = await findUser(context, call, UserName);
    const attached = await context.store.policies.listOf(userId);
    return {
      Policies: {
        Policy: attached.map(({ type, name, attachedMs }) => ({
          PolicyType: type,
          PolicyName: name,
          AttachDate: toTime(attachedMs),
        })),
      },
    };
  },
});

function toAnswer({ policyName, description, createdMs, updatedMs }: StoredPolicy): PolicyAnswer {
  return {
    PolicyType: "Custom",
    PolicyName: policyName,
    Description: description,
    CreateDate: toTime(createdMs),
    UpdateDate: toTime(updatedMs),
  };
}

function toSystemAnswer(name: string): PolicyAnswer {
  return { PolicyType: "System", PolicyName: name, Description: "", CreateDate: "", UpdateDate: "" };
}
