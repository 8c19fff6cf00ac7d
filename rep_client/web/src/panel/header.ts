/**
 * The thin line at the top: a dot and a word for how things stand, how many are heard, and how much the rep wants to
 * hear. The word opens the list of people.
 */
import type { Attention, State } from "../contract.js";
import type { Desk } from "./desk.js";
import { button, el, icon, iconButton, setAttribute, setText } from "./dom.js";
import { type Status, UNREACHABLE } from "./status.js";

const ATTENTIONS: readonly Attention[] = ["live", "quiet", "off"];

export class Header {
  readonly element: HTMLElement;
  readonly people: HTMLButtonElement;
  readonly #desk: Desk;
  readonly #word = el("span", { class: "word", role: "status" });
  readonly #tail = el("span", { class: "tail" });
  readonly #attentions: readonly HTMLButtonElement[];

  constructor(desk: Desk, onPeople: () => void) {
    const { words } = desk;
    this.#desk = desk;
    const more = { class: "state", part: "state", "aria-expanded": "false", title: words.say("people") };
    const dot = el("span", { class: "light", part: "light" });
    this.people = button(more, onPeople, dot, this.#word, this.#tail, icon("down"));
    this.#attentions = ATTENTIONS.map((attention) =>
      iconButton(attention, words.say(`attention.${attention}`), { "aria-pressed": "false" }, () =>
        this.choose(attention),
      ),
    );
    this.element = el(
      "header",
      { part: "header" },
      this.people,
      el(
        "div",
        { class: "attention", part: "attention", role: "group", "aria-label": words.say("attention") },
        ...this.#attentions,
      ),
    );
  }

  show(status: Status, state: State | null): void {
    const { words } = this.#desk;
    setText(this.#word, words.say(`status.${status}`));
    const tail: string[] = [];
    if (state && !UNREACHABLE.has(status)) {
      const here = state.participants.filter((one) => one.present && one.role !== "observer");
      const heard = here.filter((one) => one.heard).length;
      const told = status !== "waiting" && heard < here.length;
      if (told) tail.push(words.say("heard_count", { n: heard, all: here.length }));
      if (state.engine === "rules_only") tail.push(words.say("rules_only"));
    }
    setText(this.#tail, tail.map((one) => ` · ${one}`).join(""));
    this.#attentions.forEach((one, at) => {
      setAttribute(one, "aria-pressed", String(state?.attention === ATTENTIONS[at]));
      one.disabled = !state || UNREACHABLE.has(status);
    });
  }

  /** Tells the coach how much the rep wants to hear. */
  choose(attention: Attention): void {
    void this.#desk.wish((coach) => coach.control(attention));
  }
}
