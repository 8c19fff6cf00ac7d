/**
 * What is left of the panel while the screen share would show it: a dot, and why, for whoever points at it. No word of
 * the coach is in it.
 */
import type { Sharing } from "../guard/sharing.js";
import type { Desk } from "./desk.js";
import { button, el, setAttribute, setText } from "./dom.js";

export class Discreet {
  readonly element: HTMLElement;
  readonly #desk: Desk;
  readonly #dot: HTMLButtonElement;
  readonly #why = el("p", { id: "why" });

  constructor(desk: Desk, clear: () => void) {
    const { words } = desk;
    this.#desk = desk;
    this.#dot = button(
      { class: "dot", part: "dot", "aria-expanded": "false", "aria-describedby": "why" },
      () => this.open(),
    );
    this.#dot.setAttribute("aria-label", words.say("panel"));
    const show = button({}, clear, words.say("discreet_show"));
    this.element = el(
      "div",
      { class: "discreet" },
      this.#dot,
      el("div", { class: "bubble", part: "why" }, this.#why, show),
    );
    this.element.hidden = true;
  }

  /** Opens or closes the bubble for good; pointing at the dot opens it while that lasts. */
  open(is = !this.element.hasAttribute("data-open")): void {
    this.element.toggleAttribute("data-open", is);
    setAttribute(this.#dot, "aria-expanded", String(is));
  }

  show(sharing: Sharing | null): void {
    const discreet = sharing?.discreet ?? false;
    if (this.element.hidden === discreet) this.open(false);
    this.element.hidden = !discreet;
    const reason = sharing?.reason;
    const known = reason && reason !== "other_tab" ? reason : "unknown";
    if (discreet) setText(this.#why, this.#desk.words.say(`discreet.${known}`));
  }

  focus(): void {
    this.#dot.focus();
  }
}
