import { DeregisterManagedInstanceInput, type DeregisterManagedInstanceAnswer } from "@cloud-assistant/shared/api/instances";
import { ApiError } from "@cloud-assistant/shared/errors";
import { defineAction } from "./action.ts";
import { findInstance } from "./find-instance.ts";
import { toManagedInstance } from "./instance-answer.ts";

/** Takes a host out of service for good: its open runs end, its agent is told and stops trying, its id is never given again. */
export const deregisterManagedInstance = defineAction({
  name: "DeregisterManagedInstance",
  input: DeregisterManagedInstanceInput,
  mutates: true,
  run: async (context, input, call): Promise<DeregisterManagedInstanceAnswer> => {
    const { store, hub, clock, outputBus } = context;
    const { instanceId } = await findInstance(context, input);
    const removed = await store.instances.deregister(instanceId, clock.now(), call.request);
    if (!removed) throw new ApiError("InvalidInstance.NotFound"); // somebody else was first
    call.committed();
    hub.dismiss(instanceId);
    for (const { invokeId } of removed.ended) outputBus.publish(invokeId);
    const { Connected: _connected, Tags: _tags, ...Instance } = toManagedInstance(removed.instance, false);
    return { Instance };
  },
});
