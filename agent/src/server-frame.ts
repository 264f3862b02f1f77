import { ServerFrame } from "@cloud-assistant/shared/protocol/frames";
import * as z from "zod";
import { parseJson } from "./parse-json.ts";

export type ReadFrame =
  | { readonly kind: "frame"; readonly frame: ServerFrame }
  /** Of a type this version does not know: ignored, so that a newer server can say more. */
  | { readonly kind: "unknown" }
  /** No JSON, no type, or a known type whose fields do not fit. */
  | { readonly kind: "broken" };

const KNOWN_TYPES: ReadonlySet<string> = new Set(ServerFrame.options.map(({ shape }) => shape.type.value));
const AnyFrame = z.looseObject({ type: z.string() });

export function readServerFrame(text: string): ReadFrame {
  const any = AnyFrame.safeParse(parseJson(text));
  if (!any.success) return { kind: "broken" };
  if (!KNOWN_TYPES.has(any.data.type)) return { kind: "unknown" };
  const frame = ServerFrame.safeParse(any.data);
  return frame.success ? { kind: "frame", frame: frame.data } : { kind: "broken" };
}
