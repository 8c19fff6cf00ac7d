import type { Coach } from "../client/coach.js";
import type { Words } from "./words.js";

/** What every part of the panel shares: its words, the line to the coach, and who is called what. */
export interface Desk {
  readonly words: Words;
  /** Does what the rep wishes, and tells the rep if it did not work. Resolves to undefined then. */
  wish<Answer>(what: (coach: Coach) => Promise<Answer>): Promise<Answer | undefined>;
  /** The name of a participant, null if nobody told it. The rep's own is `You`. */
  nameOf(identity: string): string | null;
  /** What the rep asked, null if it was not asked here. */
  questionOf(askId: string): string | null;
}
