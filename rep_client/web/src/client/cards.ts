/**
 * Takes up nudges: each revision once, answered with what became of it on the rep's screen.
 *
 * A checked nudge and its sender go in; listeners and the painter get what is new, and the coach's answer comes out.
 * Promises: a revision that is not newer than the known one is answered as before and not handed out again; a card
 * sent again after the page became visible, or after another painter came, is answered by what is seen now; a paint
 * that takes too long, or that nobody sees, is not called shown.
 */
import type { Ack, Nudge } from "../contract.js";
import type { Painter } from "./coach.js";

export const PAINT_MS = 1_000;
/** Cards that are known again; beyond, the card that changed longest ago is forgotten. */
export const REMEMBERED_CARDS = 500;
export const DROPPED = "dropped";
const SHOWN = "shown";
const HIDDEN = "hidden";

interface Card {
  readonly nudge: Nudge;
  readonly sender: string;
  handedOut: boolean;
  /** Who was to paint it last. */
  painter: Painter | null;
  answer: Promise<string>;
  /** The answer once it is known. */
  answered?: string;
}

export class Cards {
  visible = true;
  painter: Painter | null = null;
  readonly #cards = new Map<string, Card>();
  readonly #painting = new Set<() => void>();

  /** `handOut` gives a revision to the listeners, and says how many there are. */
  constructor(private readonly handOut: (nudge: Nudge) => number) {}

  /** The answer to one revision that came in at `entered`, on the page's own clock. */
  takeUp(nudge: Nudge, sender: string, entered: number): Promise<string> {
    const known = this.#cards.get(nudge.id);
    if (known && nudge.rev <= known.nudge.rev) {
      const unseen =
        known.answered === HIDDEN || (known.answered && this.painter && known.painter !== this.painter);
      if (unseen && this.visible) this.#present(known, entered);
      return known.answer;
    }
    const card: Card = { nudge, sender, handedOut: false, painter: null, answer: Promise.resolve(DROPPED) };
    this.#cards.delete(nudge.id);
    this.#cards.set(nudge.id, card);
    for (const oldest of this.#cards.keys()) {
      if (this.#cards.size <= REMEMBERED_CARDS) break;
      this.#cards.delete(oldest);
    }
    this.#present(card, entered);
    return card.answer;
  }

  /** Another coach mints the same ids from here on. */
  forgetAll(): void {
    this.#cards.clear();
  }

  /** Takes back every card of a sender who turned out to be nobody to trust. */
  withdrawFrom(sender: string): void {
    for (const { nudge, sender: from } of [...this.#cards.values()]) {
      if (from !== sender) continue;
      this.#cards.delete(nudge.id);
      const withdrawn: Nudge = {
        ...nudge,
        rev: nudge.rev + 1,
        final: true,
        status: "withdrawn",
        headline: "Withdrawn",
        detail: "",
        action: null,
      };
      this.handOut(withdrawn);
      void this.#painted(withdrawn);
    }
  }

  /** Forgets every card, and ends the wait for paints still going on; their callers are answered `dropped`. */
  close(): void {
    this.#cards.clear();
    for (const drop of [...this.#painting]) drop();
  }

  #present(card: Card, entered: number): void {
    delete card.answered;
    card.painter = this.painter;
    card.handedOut ||= this.handOut(card.nudge) > 0;
    card.answer = this.#answer(card, entered);
    void card.answer.then((answer) => {
      card.answered = answer;
    });
  }

  async #answer(card: Card, entered: number): Promise<string> {
    if (!this.visible) return HIDDEN;
    // Without a painter it is the listeners who show cards; where there are none, nobody does.
    if (!this.painter) return card.handedOut ? SHOWN : HIDDEN;
    const became = await this.#painted(card.nudge);
    if (became !== SHOWN) return became;
    const painted = Math.round((performance.now() - entered) * 1000) / 1000;
    return JSON.stringify({ status: SHOWN, painted_ms: painted } satisfies Ack);
  }

  /** What became of a revision that was given to the painter. */
  #painted(nudge: Nudge): Promise<string> {
    return new Promise((resolve) => {
      const settle = (became: string) => {
        clearTimeout(timer);
        this.#painting.delete(drop);
        resolve(became);
      };
      const drop = () => settle(DROPPED);
      const timer = setTimeout(() => settle(HIDDEN), PAINT_MS);
      this.#painting.add(drop);
      Promise.resolve(nudge)
        .then((each) => this.painter?.(each))
        .then(
          (seen) => settle(seen ? SHOWN : HIDDEN),
          (error) => {
            reportError(error);
            settle(HIDDEN);
          },
        );
    });
  }
}
