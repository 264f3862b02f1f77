import { AgentFrame, CLOSE_CODES } from "@cloud-assistant/shared/protocol/frames";
import { decodeOutputFrame } from "@cloud-assistant/shared/protocol/output-frame";
import { answerHello, refuse } from "./connect.ts";
import { ordersTaken } from "./delivery.ts";
import { readHotFrame } from "./hot-frames.ts";
import { takeEnd, takeGap, takeOutput, takeStart } from "./ingest.ts";
import { parseJson } from "./json.ts";
import { track, type Link } from "./link.ts";
import type { Session } from "./session.ts";

const KNOWN_TYPES: ReadonlySet<unknown> = new Set(AgentFrame.options.map(({ shape }) => shape.type.value));

/** One message of an agent, which is hostile until proven and may be broken after. */
export function receive(link: Link, session: Session, data: Buffer, isBinary: boolean): void {
  if (session.state === "closed") return;
  session.heardMs = link.context.clock.elapsed();
  if (session.state !== "proven") return receiveHello(link, session, data, isBinary);
  if (isBinary) {
    const output = decodeOutputFrame(data);
    return output ? takeOutput(link, session, output, data.length) : breakOff(link, session, "not an output frame");
  }
  const json = parseJson(data.toString());
  const frame = readHotFrame(json) ?? AgentFrame.safeParse(json).data;
  if (!frame) return ignoreOrBreak(link, session, json);
  switch (frame.type) {
    case "hello":
      return breakOff(link, session, "a second hello");
    case "ack":
      return ordersTaken(link, session, frame.ids);
    case "started":
      return takeStart(link, session, frame, data.length);
    case "gap":
      return takeGap(link, session, frame, data.length);
    case "ended":
      return takeEnd(link, session, frame, data.length);
  }
}

/** Nothing but a hello may be said before the welcome, and only once. */
function receiveHello(link: Link, session: Session, data: Buffer, isBinary: boolean): void {
  const frame =
    isBinary || session.state !== "challenged" ? undefined : AgentFrame.safeParse(parseJson(data.toString())).data;
  if (frame?.type !== "hello") return breakOff(link, session, "a hello was expected");
  track(link, answerHello(link, session, frame), { address: session.address });
}

/** A newer agent may say what this version does not know; anything else that does not parse is broken. */
function ignoreOrBreak(link: Link, session: Session, json: unknown): void {
  const type = typeof json === "object" && json !== null && "type" in json ? json.type : undefined;
  if (typeof type !== "string" || KNOWN_TYPES.has(type)) return breakOff(link, session, "a frame breaks the protocol");
  link.counters.unknownFrames++;
  link.context.log.debug(
    { instanceId: session.instanceId, type: type.slice(0, 64) },
    "frame of an unknown type ignored",
  );
}

function breakOff(link: Link, session: Session, reason: string): void {
  refuse(link, session, { code: CLOSE_CODES.badFrame, reason });
}
