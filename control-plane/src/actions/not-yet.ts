import { DescribeSendFileResultsInput, SendFileInput } from "@cloud-assistant/shared/api/files";
import {
  DescribeTerminalSessionsInput,
  DescribeUserBusinessBehaviorInput,
  EndTerminalSessionInput,
  ModifyUserBusinessBehaviorInput,
  StartTerminalSessionInput,
} from "@cloud-assistant/shared/api/sessions";
import { ApiError } from "@cloud-assistant/shared/errors";
import type { z } from "zod";
import type { Context } from "../context.ts";
import { checkResourceGroup } from "../domain/resource-groups.ts";
import { defineAction, type Action, type Call } from "./action.ts";
import { findInstances } from "./find-instances.ts";
import { EVERYTHING, instanceResources } from "./resources.ts";
import { toScope } from "./scope.ts";

/**
 * Actions whose machinery is not there: parameters are checked as documented, then the answer is `Operation.Forbidden`, so
 * that nobody believes anything was done. Each moves into a file of its own when it does something.
 */
export const NOT_YET: readonly Action[] = [
  forbidden("SendFile", SendFileInput, checkTargets),
  forbidden("DescribeSendFileResults", DescribeSendFileResultsInput, refuseToken),
  forbidden("StartTerminalSession", StartTerminalSessionInput, checkTargets),
  // no session was ever started, but to say so would promise that one could be
  forbidden("EndTerminalSession", EndTerminalSessionInput),
  forbidden("DescribeTerminalSessions", DescribeTerminalSessionsInput, refuseToken),
  forbidden("DescribeUserBusinessBehavior", DescribeUserBusinessBehaviorInput),
  forbidden("ModifyUserBusinessBehavior", ModifyUserBusinessBehaviorInput),
];

type Check<Input> = (context: Context, input: Input, call: Call) => Promise<void>;

function forbidden<Input>(name: string, input: z.ZodType<Input>, check: Check<Input> = async () => undefined): Action {
  return defineAction({
    name,
    input,
    mutates: false,
    resources: async (context, given, call) => {
      const { RegionId = "", InstanceId } = given as {
        readonly RegionId?: string;
        readonly InstanceId?: string | readonly string[];
      };
      return InstanceId === undefined
        ? EVERYTHING
        : { resources: await instanceResources(context, toScope(call, RegionId), [InstanceId].flat()) };
    },
    run: async (context, given, call) => {
      await check(context, given, call);
      throw new ApiError("Operation.Forbidden", {
        detail: `The operation is not permitted: ${name} is not supported yet.`,
      });
    },
  });
}

/** None was ever given out. */
async function refuseToken(
  _context: Context,
  { NextToken }: { readonly NextToken?: string | undefined },
): Promise<void> {
  if (NextToken !== undefined) throw new ApiError("InvalidParameter.NextToken");
}

type Targets = {
  readonly RegionId: string;
  readonly InstanceId: readonly string[];
  readonly ResourceGroupId?: string | undefined;
};

async function checkTargets(
  context: Context,
  { RegionId, InstanceId, ResourceGroupId }: Targets,
  call: Call,
): Promise<void> {
  checkResourceGroup(ResourceGroupId, context.config.resourceGroupIds);
  const found = await findInstances(context, toScope(call, RegionId), InstanceId);
  if (found.length < InstanceId.length) throw new ApiError("InvalidInstance.NotFound");
}
