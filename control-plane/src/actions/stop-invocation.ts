import { StopInvocationInput } from "@cloud-assistant/shared/api/invocations";
import { ApiError } from "@cloud-assistant/shared/errors";
import { defineAction } from "./action.ts";
import { invocationResources } from "./resources.ts";
import { findInvocation, toScope } from "./scope.ts";

/** Fine on an ended invocation too: Terraform stops whatever it destroys (api-facts 4.7). */
export const stopInvocation = defineAction({
  name: "StopInvocation",
  input: StopInvocationInput,
  mutates: true,
  resources: async (context, input, call) => ({
    resources: (await invocationResources(context, toScope(call, input.RegionId), input)).instances,
  }),
  run: async (context, { RegionId, InvokeId, InstanceId }, call) => {
    const { store, hub, clock, outputBus } = context;
    await findInvocation(context, toScope(call, RegionId), InvokeId);
    const targets = InstanceId.length > 0 ? InstanceId : undefined;
    if (targets) {
      const known = new Set((await store.runs.listOf(InvokeId)).map(({ instanceId }) => instanceId));
      if (targets.some((id) => !known.has(id))) throw new ApiError("InvalidInstanceId.NotFound");
    }
    const runs = await store.runs.stop(InvokeId, targets, clock.now(), call.request);
    call.committed();
    hub.stop(runs.filter(({ run }) => run.status === "Stopping"));
    outputBus.publish(InvokeId);
    return {};
  },
});
