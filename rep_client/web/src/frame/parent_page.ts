/**
 * How a framed panel finds the page around it: it says `ready` to one origin, and takes a port from that origin alone.
 *
 * What follows from that:
 * - The frame has no token, no room and no authority. A hostile page that frames it and stands in for the coach gets
 *   what it brought: words it wrote itself, and clicks on them. It cannot learn of another call.
 * - A page the rep trusts holds the rep's token anyway; the port lets it do nothing it could not do itself.
 * - A frame that turns hostile can reach the coach, as the rep, and nothing else: the bridge calls only the coach's
 *   methods, only of identities with the coach's prefix, tells of nobody else in the room, and hands the port to the
 *   one origin it was told.
 * - Other windows cannot join in: origin and sender of each window message are compared, and the port is private.
 * A server that wants to be framed by certain pages only says so with `frame-ancestors`.
 */
import { CONNECT, READY, type Ready } from "./wire.js";

/** How soon the frame says again that it is ready, in milliseconds, and the longest pause: a script may come late. */
const AGAIN_MS = 250;
const PAUSE_MS = 4000;

/** An origin as it is written in full, `https://example.com`; null for anything else. */
export function originOf(written: string | null): string | null {
  if (!written) return null;
  try {
    const { origin, protocol } = new URL(written);
    return origin === written && (protocol === "https:" || protocol === "http:") ? origin : null;
  } catch {
    return null;
  }
}

/** Waits for a port from the parent and hands it over, once. Returns what gives up waiting. */
export function meetParent(origin: string, connected: (port: MessagePort) => void): () => void {
  const visit = crypto.randomUUID();
  let pause = AGAIN_MS;
  let again: ReturnType<typeof setTimeout> | undefined;
  const knock = (): void => {
    window.parent.postMessage({ type: READY, visit } satisfies Ready, origin);
    again = setTimeout(knock, pause);
    pause = Math.min(PAUSE_MS, pause * 2);
  };
  const leave = (): void => {
    clearTimeout(again);
    window.removeEventListener("message", receive);
  };
  const receive = (event: MessageEvent<unknown>): void => {
    if (event.origin !== origin || event.source !== window.parent || event.data !== CONNECT) return;
    const [port] = event.ports;
    if (!port) return;
    leave();
    connected(port);
  };
  window.addEventListener("message", receive);
  knock();
  return leave;
}
