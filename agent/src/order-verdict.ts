import type { KeyObject } from "node:crypto";
import { Order } from "@cloud-assistant/shared/protocol/orders";
import { parseJson } from "./parse-json.ts";
import { isSignedBy } from "./proof.ts";

export type OrderVerdict =
  | { readonly verdict: "ours"; readonly order: Order; readonly expired: boolean }
  /** Ignored, counted, never acknowledged: whoever sent it is not the control plane, or it is not for this host. */
  | { readonly verdict: "forged" | "foreign" | "unreadable" };

/** Nothing of the payload is looked at before its signature is right. `serverNowMs`: the server's time now, as it proved it. */
export function judgeOrder(
  serverKey: KeyObject,
  { instanceId, serverNowMs }: { instanceId: string; serverNowMs: number },
  { payload, signature }: { payload: string; signature: string },
): OrderVerdict {
  if (!isSignedBy(serverKey, "order", payload, signature)) return { verdict: "forged" };
  const order = Order.safeParse(parseJson(payload));
  if (!order.success) return { verdict: "unreadable" };
  if (!order.data.targets.includes(instanceId)) return { verdict: "foreign" };
  return { verdict: "ours", order: order.data, expired: serverNowMs > order.data.expiresMs };
}
