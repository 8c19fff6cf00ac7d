/**
 * Stands between a framed panel and the page's own LiveKit room: `Cornerman.bridge({ room, frame })`.
 *
 * The page keeps its room, its token and its screen shares; the frame gets a private port that carries the coach's
 * calls, the rep's answers and what is known of the rep's screen shares, and nothing else. The frame needs no
 * permission of its own (`allow=`). What either side could do to the other is written in `frame/parent_page.ts`.
 * livekit-client is not imported: the room is the page's, of whatever build.
 */
import type { BridgedPublication, BridgedRoom, RpcErrorClass } from "./frame/bridged_room.js";
import { RoomLine } from "./frame/room_line.js";
import { CONNECT, READY } from "./frame/wire.js";
import { CaptureWatch } from "./guard/capture_watch.js";
import type { ShareReports } from "./guard/discretion.js";
import type { Capture } from "./guard/judgement.js";

export type { BridgedRoom } from "./frame/bridged_room.js";

export interface BridgeOptions {
  readonly room: BridgedRoom;
  readonly frame: HTMLIFrameElement;
  /** Where the frame's page comes from; taken from its `src` when left out. */
  readonly origin?: string;
  /** livekit-client's `RpcError`, so that refused callers are told why. A global `LivekitClient` is found by itself. */
  readonly RpcError?: RpcErrorClass;
  /** The coach's reserved identity prefix, where the coach has another than `cornerman-`. */
  readonly identityPrefix?: string;
  /** This page's own capture handle, if it sets one. */
  readonly captureHandle?: string;
}

export interface Bridge {
  /** Takes in a screen share that is not published to the room and was begun before the bridge. */
  watch(track: MediaStreamTrack): void;
  /** Ends the frame's line to the coach; the room stays as it is. */
  close(): void;
}

class Bridging implements Bridge, ShareReports {
  readonly #options: BridgeOptions;
  readonly #origin: string;
  readonly #captures: CaptureWatch;
  readonly #shares = new Map<number, Capture | null>();
  readonly #hiding = new Map<number, () => void>();
  #line: RoomLine | null = null;
  #visit: string | null = null;

  constructor(options: BridgeOptions) {
    const { room, frame, captureHandle } = options;
    this.#options = options;
    this.#origin = options.origin ?? new URL(frame.src, location.href).origin;
    if (!/^https?:\/\/[^/]+$/.test(this.#origin))
      throw new TypeError("`origin` must be the frame's origin, such as https://panel.example.com");
    const handle = captureHandle === undefined ? {} : { captureHandle };
    this.#captures = new CaptureWatch(this, (id) => this.#hidden(id), handle);
    for (const publication of room.localParticipant.trackPublications.values()) this.#published(publication);
    room.on("localTrackPublished", this.#published);
    window.addEventListener("message", this.#met);
  }

  watch(track: MediaStreamTrack): void {
    this.#captures.watch(track);
  }

  close(): void {
    window.removeEventListener("message", this.#met);
    this.#options.room.off("localTrackPublished", this.#published);
    this.#captures.stop();
    this.#hangUp();
  }

  choosing(id: number): void {
    this.#shares.set(id, null);
    this.#line?.say({ type: "choosing", id });
  }

  captured(id: number, capture: Capture): void {
    this.#shares.set(id, capture);
    this.#line?.say({ type: "captured", id, ...capture });
  }

  ended(id: number): void {
    this.#shares.delete(id);
    this.#hiding.delete(id);
    this.#line?.say({ type: "ended", id });
  }

  #hidden(id: number): Promise<void> {
    return this.#line ? new Promise((resolve) => this.#hiding.set(id, resolve)) : Promise.resolve();
  }

  /** Shares that began before the bridge, or past `getDisplayMedia` as this page has it, are seen at the latest here. */
  readonly #published = (publication: unknown): void => {
    const { source, track } = publication as BridgedPublication;
    if (source === "screen_share" && track) this.#captures.watch(track.mediaStreamTrack);
  };

  readonly #met = (event: MessageEvent<unknown>): void => {
    const page = this.#options.frame.contentWindow;
    if (event.origin !== this.#origin || !page || event.source !== page) return;
    const { type, visit } = Object(event.data) as { type?: unknown; visit?: unknown };
    if (type !== READY || typeof visit !== "string" || visit.length > 64 || visit === this.#visit) return;
    this.#hangUp();
    this.#visit = visit;
    const { port1, port2 } = new MessageChannel();
    page.postMessage(CONNECT, this.#origin, [port2]);
    this.#line = new RoomLine(this.#options.room, port1, (id) => this.#painted(id), this.#options);
    for (const [id, capture] of this.#shares)
      this.#line.say(capture ? { type: "captured", id, ...capture } : { type: "choosing", id });
  };

  #painted(id: number): void {
    this.#hiding.get(id)?.();
    this.#hiding.delete(id);
  }

  #hangUp(): void {
    this.#line?.close();
    this.#line = null;
    for (const hidden of this.#hiding.values()) hidden();
    this.#hiding.clear();
  }
}

/** Joins a framed panel to this page's room. Make one bridge a room, and close it when the panel goes. */
export function bridge(options: BridgeOptions): Bridge {
  return new Bridging(options);
}
