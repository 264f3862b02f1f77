import type { Action } from "./action.ts";
import { createActivation } from "./create-activation.ts";
import { deleteActivation } from "./delete-activation.ts";
import { deregisterManagedInstance } from "./deregister-managed-instance.ts";
import { createCommand } from "./create-command.ts";
import { deleteCommand } from "./delete-command.ts";
import { describeActivations } from "./describe-activations.ts";
import { describeCloudAssistantSettings } from "./describe-cloud-assistant-settings.ts";
import { describeCloudAssistantStatus } from "./describe-cloud-assistant-status.ts";
import { describeCommands } from "./describe-commands.ts";
import { describeInstances } from "./describe-instances.ts";
import { describeInvocationResults } from "./describe-invocation-results.ts";
import { describeInvocations } from "./describe-invocations.ts";
import { describeManagedInstances } from "./describe-managed-instances.ts";
import { describeRegions } from "./describe-regions.ts";
import { disableActivation } from "./disable-activation.ts";
import { installCloudAssistant } from "./install-cloud-assistant.ts";
import { listTagResources } from "./list-tag-resources.ts";
import { modifyCloudAssistantSettings } from "./modify-cloud-assistant-settings.ts";
import { modifyManagedInstance } from "./modify-managed-instance.ts";
import { invokeCommand } from "./invoke-command.ts";
import { modifyCommand } from "./modify-command.ts";
import { modifyInvocationAttribute } from "./modify-invocation-attribute.ts";
import { NOT_YET } from "./not-yet.ts";
import { PARAMETER_STORE } from "./parameter-store-actions.ts";
import { createAccessKey, deleteAccessKey, listAccessKeys, updateAccessKey } from "./identity/access-keys.ts";
import { createAccount, listAccounts } from "./identity/accounts.ts";
import { assumeRole } from "./identity/assume-role.ts";
import { explainPolicy } from "./identity/explain-policy.ts";
import { getCallerIdentity } from "./identity/get-caller-identity.ts";
import {
  attachPolicyToUser,
  deletePolicy,
  detachPolicyFromUser,
  getPolicy,
  listPolicies,
  listPoliciesForUser,
  putPolicy,
} from "./identity/policies.ts";
import { createUser, deleteUser, getUser, listUsers } from "./identity/users.ts";
import { runCommand } from "./run-command.ts";
import { stopInvocation } from "./stop-invocation.ts";
import { streamInvocationOutput } from "./stream-invocation-output.ts";
import { tagResources } from "./tag-resources.ts";
import { untagResources } from "./untag-resources.ts";

/** API version → name → action; a new one is its file and a line here. */
export const ACTIONS = byVersion([
  createActivation,
  createCommand,
  deleteCommand,
  deleteActivation,
  deregisterManagedInstance,
  describeActivations,
  describeCloudAssistantSettings,
  describeCloudAssistantStatus,
  describeCommands,
  describeInstances,
  describeInvocationResults,
  describeInvocations,
  describeManagedInstances,
  describeRegions,
  invokeCommand,
  modifyCommand,
  modifyInvocationAttribute,
  disableActivation,
  installCloudAssistant,
  listTagResources,
  modifyCloudAssistantSettings,
  modifyManagedInstance,
  runCommand,
  stopInvocation,
  streamInvocationOutput,
  tagResources,
  untagResources,
  ...PARAMETER_STORE,
  ...NOT_YET,
  // who may call, and what: RAM and STS
  assumeRole,
  attachPolicyToUser,
  createAccessKey,
  createAccount,
  createUser,
  deleteAccessKey,
  deletePolicy,
  deleteUser,
  detachPolicyFromUser,
  explainPolicy,
  getCallerIdentity,
  getPolicy,
  getUser,
  listAccessKeys,
  listAccounts,
  listPolicies,
  listPoliciesForUser,
  listUsers,
  putPolicy,
  updateAccessKey,
]);

function byVersion(actions: readonly Action[]): ReadonlyMap<string, ReadonlyMap<string, Action>> {
  const versions = new Map<string, Map<string, Action>>();
  for (const action of actions) {
    const named = versions.get(action.version) ?? new Map<string, Action>();
    versions.set(action.version, named.set(action.name, action));
  }
  return versions;
}
