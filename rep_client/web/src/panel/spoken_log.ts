/**
 * What a screen reader says, politely: one sentence for a new card and one for its final words, none while it streams.
 * Keeps the last few sentences; a withdrawn card's are taken out.
 */
import { el } from "./dom.js";

const KEPT = 6;

export class SpokenLog {
  readonly element: HTMLElement;
  readonly #said = new Map<string, HTMLElement>();

  constructor(label: string) {
    this.element = el("div", { class: "spoken", role: "log", "aria-live": "polite", "aria-label": label });
  }

  /** Says a sentence about a card, unless just that was said. */
  say(id: string, sentence: string): void {
    if (this.#said.get(id)?.textContent === sentence) return;
    this.unsay(id);
    const line = el("p", {}, sentence);
    this.#said.set(id, line);
    this.element.append(line);
    for (const oldest of this.#said.keys()) {
      if (this.#said.size <= KEPT) break;
      this.unsay(oldest);
    }
  }

  /** Takes out what was said about a card. */
  unsay(id: string): void {
    this.#said.get(id)?.remove();
    this.#said.delete(id);
  }

  clear(): void {
    this.#said.clear();
    this.element.replaceChildren();
  }
}
