import {
  DeregisterManagedInstanceInput,
  type DeregisterManagedInstanceAnswer,
} from "@cloud-assistant/shared/api/instances";
import { defineAction } from "./action.ts";
import { findInstance } from "./find-instance.ts";
import { toManagedInstance } from "./instance-answer.ts";
import { instanceResources } from "./resources.ts";
import { toScope } from "./scope.ts";
import { withClientToken } from "./with-client-token.ts";

/** Takes a host out of service for good: its open runs end, its agent is told and stops trying, its id is never given again. */
export const deregisterManagedInstance = defineAction({
  name: "DeregisterManagedInstance",
  input: DeregisterManagedInstanceInput,
  mutates: true,
  resources: async (context, { RegionId, InstanceId }, call) => ({
    resources: await instanceResources(context, toScope(call, RegionId), [InstanceId]),
  }),
  run: (context, input, call) =>
    withClientToken<DeregisterManagedInstanceAnswer>(context, call, input.ClientToken, async (requestFor) => {
      const { store, hub, clock, outputBus } = context;
      const found = await findInstance(context, toScope(call, input.RegionId), input.InstanceId);
      const { Connected: _connected, Tags: _tags, ...Instance } = toManagedInstance(found, false);
      const answer = { Instance };
      const ended = await store.instances.deregister(found.instanceId, clock.now(), requestFor(answer));
      call.committed();
      hub.dismiss(found.instanceId);
      for (const { invokeId } of ended) outputBus.publish(invokeId);
      return answer;
    }),
});
