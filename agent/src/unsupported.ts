import type { TaskOrder } from "@cloud-assistant/shared/protocol/orders";
import type { RunEnd } from "@cloud-assistant/shared/protocol/run-end";

/** Why this agent cannot carry an order out as it is meant; leaving a part of it away would run something else. */
export function findUnsupported(order: TaskOrder): RunEnd | undefined {
  if (order.commandType !== "RunShellScript") {
    return { how: "invalid", errorCode: "CommandNotApplicable", errorInfo: "the command is not applicable" };
  }
  const asked = {
    "run a script in a container": order.container,
    [`run a script by RepeatMode ${order.schedule?.repeatMode}`]: order.schedule,
  };
  const [what] = Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (what === undefined) return undefined;
  return {
    how: "invalid",
    errorCode: "ClientNeedUpgrade",
    errorInfo: `the aliyun service in the instance need upgrade: it cannot ${what} yet`,
  };
}
