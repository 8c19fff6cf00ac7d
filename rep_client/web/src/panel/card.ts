/**
 * One card on the screen: as the newest it is large, among the earlier ones a row that opens. A revision changes only
 * the texts that differ; nothing of a card is ever rebuilt while it streams. All text is set as text.
 */
import type { FeedbackKind, Nudge } from "../contract.js";
import { causeLine } from "./causes.js";
import type { Desk } from "./desk.js";
import { button, el, icon, iconButton, setAttribute, setText } from "./dom.js";
import { Sources } from "./sources.js";
import { clock } from "./words.js";

/** What a person can take in within two seconds; the contract allows no more. */
const HEADLINE_LIMIT = 80;
const DETAIL_LIMIT = 400;
const SHOWN_CAUSES = 3;

export class Card {
  readonly element: HTMLElement;
  readonly sources: Sources;
  /** In milliseconds of `performance.now()`: from then on it is stale. */
  expires = 0;
  pinned = false;
  readonly #desk: Desk;
  readonly #kind = el("span");
  readonly #thinking: HTMLElement;
  readonly #headline = el("h3", { part: "headline", dir: "auto" });
  readonly #when = el("span", { class: "when" });
  readonly #fold: HTMLButtonElement;
  readonly #detail = el("p", { class: "detail", part: "detail", dir: "auto" });
  readonly #action: HTMLButtonElement;
  readonly #causes = el("div", { class: "causes", part: "causes" });
  readonly #useful: HTMLButtonElement;
  readonly #pin: HTMLButtonElement;
  #nudge: Nudge;
  #because = "";
  #held = 0;

  constructor(nudge: Nudge, desk: Desk, feedback: (card: Card, kind: FeedbackKind) => void) {
    const { words } = desk;
    this.#desk = desk;
    this.#nudge = nudge;
    this.sources = new Sources(desk);
    this.#thinking = el("span", { class: "thinking", part: "thinking" }, words.say("thinking"));
    this.#fold = iconButton("down", words.say("expand"), { "aria-expanded": "false" }, () => this.fold());
    const tell = (kind: FeedbackKind) => () => feedback(this, kind);
    this.#action = button({ class: "primary", part: "action" }, tell("confirm"));
    this.#useful = button({ part: "tool", "aria-pressed": "false" }, tell("useful"), words.say("useful"));
    this.#pin = iconButton(
      "pin",
      words.say("pin"),
      { part: "tool", "aria-pressed": "false" },
      tell("pinned"),
    );
    this.element = el(
      "article",
      { class: "card", part: "card", tabindex: "-1" },
      el("p", { class: "eyebrow", part: "eyebrow" }, this.#kind, this.#thinking),
      el("div", { class: "head" }, this.#headline, this.#when, this.#fold),
      el(
        "div",
        { class: "body" },
        this.#detail,
        this.#action,
        this.#causes,
        this.sources.element,
        el(
          "div",
          { class: "tools", part: "tools" },
          this.#useful,
          button({ part: "tool" }, tell("later"), words.say("later")),
          el("span", { class: "gap" }),
          this.#pin,
          iconButton("close", words.say("dismiss"), { part: "tool" }, tell("dismissed")),
        ),
      ),
    );
    this.update(nudge);
  }

  get nudge(): Nudge {
    return this.#nudge;
  }

  /** When it was occasioned, in seconds since the call began. */
  get spoken(): number {
    const first = this.#nudge.because[0];
    return first?.type === "words" ? first.start : this.#nudge.timing.spoken;
  }

  /** Whether more words of it are to come. */
  get streaming(): boolean {
    return !this.#nudge.final || this.#nudge.status === "thinking";
  }

  update(nudge: Nudge): void {
    this.#nudge = nudge;
    const { words } = this.#desk;
    const { element } = this;
    setText(this.#headline, nudge.headline.slice(0, HEADLINE_LIMIT));
    setText(this.#detail, nudge.detail.slice(0, DETAIL_LIMIT));
    setText(this.#kind, nudge.kind ? words.named("kind", nudge.kind) : words.say("hint"));
    setAttribute(this.#fold, "aria-label", `${words.say("expand")}: ${this.#headline.textContent}`);
    setText(this.#when, clock(this.spoken));
    setAttribute(element, "data-kind", nudge.kind);
    element.toggleAttribute("data-streaming", this.streaming);
    this.#thinking.hidden = nudge.status !== "thinking";
    if (nudge.action) setText(this.#action, nudge.action.label.slice(0, 40));
    this.#action.hidden = nudge.action === null;
    this.confirming = false;
    this.sources.show(nudge.sources);
    const because = JSON.stringify(nudge.because);
    if (because !== this.#because) {
      this.#because = because;
      this.tellCauses();
    }
  }

  /** Words the causes anew: somebody's name became known. */
  tellCauses(): void {
    const lines = this.#nudge.because.slice(0, SHOWN_CAUSES).map((one) => causeLine(one, this.#desk));
    this.#causes.replaceChildren(...lines);
  }

  /** The rep confirmed the action, and the coach has yet to say what came of it. */
  get confirming(): boolean {
    return this.#action.hasAttribute("aria-disabled");
  }

  set confirming(is: boolean) {
    setAttribute(this.#action, "aria-disabled", is ? "true" : null);
    if (is) setText(this.#action, this.#desk.words.say("confirming"));
  }

  set useful(is: boolean) {
    setAttribute(this.#useful, "aria-pressed", String(is));
  }

  pin(is: boolean): void {
    this.pinned = is;
    setAttribute(this.#pin, "aria-pressed", String(is));
    this.element.toggleAttribute("data-pinned", is);
    this.element.querySelector(".pinned")?.remove();
    if (is)
      this.#when.before(el("span", { class: "pinned", title: this.#desk.words.say("pinned") }, icon("pin")));
  }

  /** Large, or a row. A row that holds the focus opens, so that the focus is not lost. */
  set newest(is: boolean) {
    if (this.element.hasAttribute("data-newest") === is) return;
    this.element.toggleAttribute("data-newest", is);
    if (is) return;
    this.release();
    this.sources.close(false);
    if (!this.element.contains((this.element.getRootNode() as ShadowRoot).activeElement)) this.fold(false);
    else this.fold(true);
  }

  /** Opens or folds a row. */
  fold(open = !this.element.hasAttribute("data-open")): void {
    this.element.toggleAttribute("data-open", open);
    this.element.removeAttribute("data-news");
    setAttribute(this.#fold, "aria-expanded", String(open));
  }

  /** Keeps the height it has: while words come and go, nothing below it moves up. Reads the layout. */
  hold(): void {
    const height = this.element.offsetHeight;
    if (height <= this.#held) return;
    this.#held = height;
    this.element.style.minHeight = `${height}px`;
  }

  /** Lets the height go. */
  release(): void {
    this.#held = 0;
    this.element.style.minHeight = "";
  }
}
