import { StopInvocationInput } from "@cloud-assistant/shared/api/invocations";
import { ApiError } from "@cloud-assistant/shared/errors";
import { defineAction } from "./action.ts";

/** Fine on an ended invocation too: Terraform stops whatever it destroys (api-facts 4.7). */
export const stopInvocation = defineAction({
  name: "StopInvocation",
  input: StopInvocationInput,
  mutates: true,
  run: async ({ store, hub, clock, outputBus }, { RegionId, InvokeId, InstanceId }, call) => {
    const invocation = await store.invocations.find(InvokeId);
    if (invocation?.regionId !== RegionId) throw new ApiError("InvalidInvokeId.NotFound");
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
