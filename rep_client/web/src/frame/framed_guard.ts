/**
 * The guard of a framed panel: the page around it sees the rep's screen shares and reports them; what follows from
 * them is decided here, by the same rules as in a page of its own.
 */
import type { AttentionLine } from "../guard/attention.js";
import { Discretion } from "../guard/discretion.js";
import { painted } from "../guard/painting.js";
import type { ShareGuard, Sharing } from "../guard/sharing.js";
import type { FramedRoom } from "./framed_room.js";

export class FramedGuard implements ShareGuard {
  readonly #room: FramedRoom;
  readonly #discretion: Discretion;

  /** `key` tells calls of one browser tab apart, for the attention setting that is owed after a reload. */
  constructor(room: FramedRoom, coach: AttentionLine, key = "") {
    this.#room = room;
    this.#discretion = new Discretion(coach, key);
    room.reportSharesTo({
      choosing: (id) => {
        this.#discretion.choosing(id);
        void painted().then(() => room.hidden(id));
      },
      captured: (id, capture) => this.#discretion.captured(id, capture),
      ended: (id) => this.#discretion.ended(id),
    });
  }

  get sharing(): Sharing {
    return this.#discretion.sharing;
  }

  on(listener: (sharing: Sharing) => void): () => void {
    return this.#discretion.on(listener);
  }

  clear(): void {
    this.#discretion.clear();
  }

  stop(): void {
    this.#room.reportSharesTo(null);
    this.#discretion.stop();
  }
}
