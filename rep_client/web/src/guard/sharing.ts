/**
 * What the panel knows of the rep's own screen share. A guard decides; the panel obeys: while `discreet`, it is a dot
 * that shows no word of the coach.
 */

/** Why the panel hides: a share is being chosen, or what is shared shows the panel or may show it. */
export type ShareReason = "choosing" | "monitor" | "window" | "own_tab" | "unmarked_tab" | "unknown";

export interface Sharing {
  readonly discreet: boolean;
  /** Null while nothing is shared. Stays set when the rep cleared the panel, or another tab is shared: then not discreet. */
  readonly reason: ShareReason | "other_tab" | null;
  /** The rep said that the panel may show all the same. */
  readonly cleared: boolean;
}

export interface ShareGuard {
  readonly sharing: Sharing;
  on(listener: (sharing: Sharing) => void): () => void;
  /** The rep looked and wants the panel back for this share. */
  clear(): void;
  /** Gives everything back as it was; the panel shows again. */
  stop(): void;
}
