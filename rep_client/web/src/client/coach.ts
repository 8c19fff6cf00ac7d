/**
 * What a panel needs of the line to the coach, and nothing of how it is carried: `CoachClient` has it over a LiveKit
 * room, a framed panel over its parent page. Every call has a deadline and rejects with a `CoachError`.
 */
import type { Attention, FeedbackKind, NotesPage, Nudge, SourceText, State } from "../contract.js";

/** How the line to the coach stands. */
export interface Standing {
  /** Identity of the coach that is obeyed; null while there is none. */
  readonly coach: string | null;
  /** A coach that was heard has been silent for 45 s: three heartbeats. */
  readonly lost: boolean;
  /** The room is being connected anew; calls would fail now. */
  readonly reconnecting: boolean;
  /** Why the client is closed (`closed`, `duplicate_identity`, another reason of the room); null while it is open. */
  readonly closed: string | null;
}

export interface CoachEvents {
  /** A new revision of a card; it replaces the one of the same id. `withdrawn` may name a card never seen. */
  nudge: Nudge;
  /** The call as the coach sees it; null when it is not to be believed any more. */
  state: State | null;
  standing: Standing;
}

/** Puts a revision on the screen. Resolves once it is painted; true if a person can see it, false if not. */
export type Painter = (nudge: Nudge) => Promise<boolean>;

export interface ConsentOptions {
  readonly granted: boolean;
  /** How the disclosure was made, and its words. */
  readonly how?: string;
  readonly text?: string;
}

export interface Coach {
  readonly state: State | null;
  readonly standing: Standing;
  /** Hears of every further event of this type. Returns what stops that. A listener that throws stops nobody else. */
  on<Type extends keyof CoachEvents>(type: Type, listener: (event: CoachEvents[Type]) => void): () => void;
  /**
   * Who puts cards on the screen; at most one. Null: cards count as shown when a listener was called. Another one says
   * hello anew, and is given the cards that are sent again: a painter may see a revision it was given before.
   */
  painter: Painter | null;
  /** Whether the rep can see cards. While not, nudges are taken up and answered `hidden`; true again says hello anew. */
  visible: boolean;
  hello(): Promise<State>;
  consent(identities: readonly string[], options: ConsentOptions): Promise<State>;
  control(attention: Attention): Promise<State>;
  feedback(nudgeId: string, kind: FeedbackKind): Promise<void>;
  source(sourceId: string): Promise<SourceText>;
  /** Asks the coach something, in up to 2,000 characters; resolves to the question's id. */
  ask(question: string): Promise<string>;
  notes(page?: number): Promise<NotesPage>;
}
