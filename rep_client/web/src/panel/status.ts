/** How things stand, as one word: out of the line to the coach and what the coach says of the call. */
import type { Standing } from "../client/coach.js";
import type { State } from "../contract.js";

export type Status =
  | "connecting"
  | "none"
  | "waiting"
  | "listening"
  | "ending"
  | "quiet"
  | "off"
  | "lost"
  | "reconnecting"
  | "closed"
  | "elsewhere";

/** The most pressing of what is the case. */
export function statusOf(standing: Standing | null, state: State | null): Status {
  if (!standing) return "connecting";
  if (standing.closed !== null) return standing.closed === "duplicate_identity" ? "elsewhere" : "closed";
  if (standing.reconnecting) return "reconnecting";
  if (standing.lost) return "lost";
  if (!standing.coach || !state) return "none";
  if (state.status === "waiting_for_consent") return "waiting";
  if (state.attention !== "live") return state.attention;
  return state.status;
}

/** What is said above the cards as well, not only where there is none. */
export const PRESSING: ReadonlySet<Status> = new Set(["lost", "reconnecting", "closed", "elsewhere", "off"]);

/** Nothing can be asked of the coach now. */
export const UNREACHABLE: ReadonlySet<Status> = new Set([
  "connecting",
  "none",
  "reconnecting",
  "closed",
  "elsewhere",
]);
