/**
 * The consent step: the text to read out, who has not been told yet, and the one button that says they were. Nobody is
 * heard before. Somebody who comes late needs it anew: then it is one line that opens.
 */
import type { Hearing, State } from "../contract.js";
import type { Desk } from "./desk.js";
import { arrange, button, el, setText } from "./dom.js";

interface Waiting {
  readonly element: HTMLElement;
  readonly box: HTMLInputElement;
  readonly name: HTMLElement;
}

export class Consent {
  readonly element: HTMLElement;
  readonly #desk: Desk;
  readonly #disclosure: () => string;
  readonly #line = el("p", { class: "late" });
  readonly #open: HTMLButtonElement;
  readonly #step: HTMLElement;
  readonly #text = el("blockquote", { part: "disclosure", dir: "auto" });
  readonly #list = el("ul");
  readonly #done: HTMLButtonElement;
  readonly #waiting = new Map<string, Waiting>();
  #opened = false;

  constructor(desk: Desk, disclosure: () => string) {
    const { words } = desk;
    this.#desk = desk;
    this.#disclosure = disclosure;
    this.#open = button({ class: "primary" }, () => this.focus(), words.say("consent_late_do"));
    this.#done = button(
      { class: "primary", part: "consent-button" },
      () => void this.#confirm(),
      words.say("consent_do"),
    );
    const group = el("fieldset", {}, el("legend", {}, words.say("consent_who")), this.#list);
    this.#step = el(
      "div",
      { class: "step" },
      el("h2", { tabindex: "-1" }, words.say("consent")),
      el("p", { class: "detail" }, words.say("consent_hint")),
      this.#text,
      group,
      this.#done,
    );
    this.element = el(
      "section",
      { class: "consent", part: "consent", "aria-label": words.say("consent") },
      el("div", { class: "late" }, this.#line, this.#open),
      this.#step,
    );
    this.element.hidden = true;
  }

  show(state: State | null): void {
    // An observer is never heard, so nobody has to ask them.
    const asked = state?.participants.filter((one) => one.present && one.role !== "observer") ?? [];
    const waiting = asked.filter((one) => one.consent === "waiting");
    const asks = state?.consent_mode === "rep_discloses";
    const hadFocus = this.element.contains((this.element.getRootNode() as ShadowRoot).activeElement ?? null);
    this.element.hidden = waiting.length === 0;
    if (waiting.length === 0) {
      this.#opened = false;
      if (hadFocus) (this.element.closest("[tabindex]") as HTMLElement | null)?.focus();
    }
    const first = state?.status === "waiting_for_consent";
    const full = asks && (first || this.#opened);
    this.#step.hidden = !full;
    this.#open.hidden = !asks;
    (this.element.firstElementChild as HTMLElement).hidden = full;
    const names = waiting.map((one) => this.#named(one)).join(", ");
    setText(this.#line, this.#desk.words.say(asks ? "consent_late" : "consent_theirs", { names }));
    setText(this.#text, this.#disclosure());
    this.#keep(asks ? waiting : []);
  }

  /** Opens the step and goes there; does nothing while nobody waits. */
  focus(): void {
    if (this.element.hidden || (this.#open.hidden && this.#step.hidden)) return;
    this.#opened = true;
    this.#step.hidden = false;
    (this.element.firstElementChild as HTMLElement).hidden = true;
    this.#step.querySelector("h2")?.focus();
  }

  #keep(waiting: readonly Hearing[]): void {
    const gone = new Set(this.#waiting.keys());
    const rows = waiting.map((one) => {
      gone.delete(one.identity);
      const known = this.#waiting.get(one.identity) ?? this.#add(one.identity);
      setText(known.name, this.#named(one));
      return known.element;
    });
    arrange(this.#list, rows);
    for (const identity of gone) {
      this.#waiting.get(identity)?.element.remove();
      this.#waiting.delete(identity);
    }
    this.#judge();
  }

  #add(identity: string): Waiting {
    const box = el("input", { type: "checkbox" });
    box.checked = true;
    box.addEventListener("change", () => this.#judge());
    const name = el("bdi");
    const waiting = { element: el("li", {}, el("label", {}, box, name)), box, name };
    this.#waiting.set(identity, waiting);
    return waiting;
  }

  #named(one: Hearing): string {
    const name = (one.name || one.identity).slice(0, 80);
    return one.role === "rep" ? `${name} (${this.#desk.words.say("role.rep")})` : name;
  }

  #chosen(): string[] {
    return [...this.#waiting].filter(([, one]) => one.box.checked).map(([identity]) => identity);
  }

  #judge(): void {
    this.#done.disabled = this.#chosen().length === 0;
  }

  async #confirm(): Promise<void> {
    const options = { granted: true, how: this.#desk.words.say("consent_how"), text: this.#disclosure() };
    const chosen = this.#chosen();
    this.#done.setAttribute("aria-busy", "true");
    await this.#desk.wish((coach) => coach.consent(chosen, options));
    this.#done.removeAttribute("aria-busy");
  }
}
