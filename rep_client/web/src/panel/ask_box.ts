/** The field in which the rep asks the coach something, in up to 2,000 characters; the answer comes as a card. */
import type { Desk } from "./desk.js";
import { el, iconButton } from "./dom.js";

const QUESTION_LIMIT = 2_000;

export class AskBox {
  readonly element: HTMLElement;
  readonly field: HTMLTextAreaElement;
  readonly #desk: Desk;
  readonly #asked: (id: string, question: string) => void;
  readonly #send: HTMLButtonElement;

  /** `asked` is told the id under which the answer will name this question. */
  constructor(desk: Desk, asked: (id: string, question: string) => void) {
    const { words } = desk;
    this.#desk = desk;
    this.#asked = asked;
    this.field = el("textarea", {
      rows: "1",
      maxlength: String(QUESTION_LIMIT),
      placeholder: words.say("ask"),
      "aria-label": words.say("ask"),
      part: "ask",
      dir: "auto",
    });
    this.#send = iconButton("send", words.say("ask_send"), { class: "send" }, () => void this.#ask());
    this.element = el("div", { class: "ask" }, this.field, this.#send);
    this.field.addEventListener("input", () => this.#judge());
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void this.#ask();
    });
    this.#judge();
  }

  set disabled(is: boolean) {
    this.field.disabled = is;
    this.#judge();
  }

  #judge(): void {
    this.#send.disabled = this.field.disabled || this.field.value.trim() === "";
  }

  async #ask(): Promise<void> {
    const question = this.field.value.trim().slice(0, QUESTION_LIMIT);
    if (!question || this.element.hasAttribute("aria-busy")) return;
    this.element.setAttribute("aria-busy", "true");
    const id = await this.#desk.wish((coach) => coach.ask(question));
    this.element.removeAttribute("aria-busy");
    if (id === undefined) return;
    this.#asked(id, question);
    this.field.value = "";
    this.#judge();
  }
}
