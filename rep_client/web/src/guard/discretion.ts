/**
 * The guard's mind: reports of shares go in, from this page or from a framed page's parent; what the panel obeys comes
 * out, and the coach is told. Listeners are called synchronously, so that a panel can hide before the capture begins.
 */
import { AttentionKeeper, type AttentionLine, rememberedDebt } from "./attention.js";
import { type Capture, judge, NOT_SHARING, type Share, sharingOf, type Verdict } from "./judgement.js";
import type { ShareGuard, Sharing } from "./sharing.js";

/** Hears what becomes of every share; `id` tells shares apart. `captured` comes again when the surface is switched. */
export interface ShareReports {
  choosing(id: number): void;
  captured(id: number, capture: Capture): void;
  ended(id: number): void;
}

export class Discretion implements ShareGuard, ShareReports {
  readonly #shares = new Map<number, Share>();
  readonly #listeners = new Set<(sharing: Sharing) => void>();
  readonly #attention: AttentionKeeper;
  #sharing = NOT_SHARING;

  /** `key` tells calls apart, where one tab has several after one another. */
  constructor(coach: AttentionLine, key = "") {
    this.#attention = new AttentionKeeper(coach, rememberedDebt(key));
  }

  get sharing(): Sharing {
    return this.#sharing;
  }

  on(listener: (sharing: Sharing) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  choosing(id: number): void {
    this.#note(id, "choosing");
  }

  captured(id: number, capture: Capture): void {
    this.#note(id, judge(capture));
  }

  ended(id: number): void {
    if (this.#shares.delete(id)) this.#tell();
  }

  /** Also while a share is being chosen: a picker that never answers must not lock the panel away. */
  clear(): void {
    for (const [id, share] of this.#shares)
      if (share.verdict !== "other_tab") this.#shares.set(id, { ...share, cleared: true });
    this.#tell();
  }

  stop(): void {
    this.#shares.clear();
    this.#tell();
    this.#attention.stop();
    this.#listeners.clear();
  }

  #note(id: number, verdict: Verdict): void {
    if (this.#shares.get(id)?.verdict === verdict) return;
    this.#shares.set(id, { verdict, cleared: false });
    this.#tell();
  }

  #tell(): void {
    const sharing = sharingOf(this.#shares.values());
    const before = this.#sharing;
    if (
      before.discreet === sharing.discreet &&
      before.reason === sharing.reason &&
      before.cleared === sharing.cleared
    )
      return;
    this.#sharing = sharing;
    for (const listener of this.#listeners) {
      try {
        listener(sharing);
      } catch (fault) {
        // The others must still hide; the page's own error handling hears of it.
        reportError(fault);
      }
    }
    this.#attention.hide(sharing.discreet);
  }
}
