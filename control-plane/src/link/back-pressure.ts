import type { Link } from "./link.ts";
import type { Session } from "./session.ts";

/** Received and not yet stored, of one connection and of all, beyond which sockets are not read. Bytes. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const MAX_WAITING_BYTES_OF_ALL = 64 * 1024 * 1024;

export function holdBack(link: Link, session: Session, bytes: number): void {
  session.waitingBytes += bytes;
  link.waitingBytes += bytes;
  if (link.paused.has(session)) return;
  if (session.waitingBytes < MAX_WAITING_BYTES && link.waitingBytes < MAX_WAITING_BYTES_OF_ALL) return;
  link.paused.add(session);
  session.socket.pause();
}

export function release(link: Link, session: Session, bytes: number): void {
  session.waitingBytes -= bytes;
  link.waitingBytes -= bytes;
  if (link.paused.size === 0 || link.waitingBytes > MAX_WAITING_BYTES_OF_ALL / 2) return;
  for (const held of link.paused) {
    if (held.waitingBytes > MAX_WAITING_BYTES / 2) continue;
    link.paused.delete(held);
    held.socket.resume();
  }
}
