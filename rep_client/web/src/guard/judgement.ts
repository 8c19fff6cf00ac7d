/**
 * Whether a share of the rep's screen may show the panel: facts of the browser go in, a verdict comes out. Nothing
 * here touches the browser. What is not known counts as showing the panel.
 */
import type { ShareReason, Sharing } from "./sharing.js";

/** What is captured, as the browser tells it; null when it does not, or in a word this guard does not know. */
export type Surface = "monitor" | "window" | "browser";

/**
 * Whose capture handle a shared tab carries: the page's own, somebody else's, or none that tells. A page that could not
 * mark its own tab must say `none` of every tab: a foreign handle could be on its own.
 */
export type Mark = "own" | "other" | "none";

export interface Capture {
  readonly surface: Surface | null;
  readonly mark: Mark;
}

export type Verdict = ShareReason | "other_tab";

/** One running share, or one that is being chosen. */
export interface Share {
  readonly verdict: Verdict;
  /** The rep wants the panel back in spite of this verdict; another verdict on the same share asks anew. */
  readonly cleared: boolean;
}

/** The first of these that applies is the one the rep is told. */
const GRAVITY: readonly ShareReason[] = [
  "choosing",
  "monitor",
  "window",
  "own_tab",
  "unmarked_tab",
  "unknown",
];

export const NOT_SHARING: Sharing = { discreet: false, reason: null, cleared: false };

export function surfaceOf(name: unknown): Surface | null {
  return name === "monitor" || name === "window" || name === "browser" ? name : null;
}

export function judge({ surface, mark }: Capture): Verdict {
  if (surface === null) return "unknown";
  if (surface !== "browser") return surface;
  return mark === "own" ? "own_tab" : mark === "other" ? "other_tab" : "unmarked_tab";
}

/** All shares together: the panel is discreet while any one asks for it. */
export function sharingOf(shares: Iterable<Share>): Sharing {
  const all = [...shares];
  const shows = all.filter((share) => share.verdict !== "other_tab");
  const gravest = (some: readonly Share[]): ShareReason | undefined =>
    GRAVITY.find((reason) => some.some((share) => share.verdict === reason));
  const pressing = gravest(shows.filter((share) => !share.cleared));
  if (pressing) return { discreet: true, reason: pressing, cleared: false };
  const cleared = gravest(shows);
  if (cleared) return { discreet: false, reason: cleared, cleared: true };
  return all.length > 0 ? { discreet: false, reason: "other_tab", cleared: false } : NOT_SHARING;
}
