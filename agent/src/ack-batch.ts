import type { RunKey } from "@cloud-assistant/shared/vocabulary";
import type { AgentFrame } from "@cloud-assistant/shared/protocol/frames";

/** Ids in one frame: at up to 128 bytes each, well within MAX_FRAME_BYTES. */
const IDS_PER_FRAME = 1_000;

export type Acknowledged = { readonly id: string; readonly task: RunKey | undefined };

/** Gathers the acknowledgements of one turn of the event loop into one frame. */
export function makeAckBatch(
  send: (frame: AgentFrame, written: () => void) => void,
  onWritten: (ack: Acknowledged) => void,
): (ack: Acknowledged) => void {
  let batch: Acknowledged[] = [];
  const flush = (): void => {
    const due = batch;
    batch = [];
    for (let from = 0; from < due.length; from += IDS_PER_FRAME) {
      const part = due.slice(from, from + IDS_PER_FRAME);
      send({ type: "ack", ids: part.map(({ id }) => id) }, () => part.forEach(onWritten));
    }
  };
  return (ack) => {
    if (batch.push(ack) === 1) setImmediate(flush);
  };
}
