/**
 * What supports a card: a button for each source, and its text in place once it was asked for. The text is read, never
 * followed: there is no link in it.
 */
import type { Source } from "../contract.js";
import type { Desk } from "./desk.js";
import { button, el, icon, iconButton } from "./dom.js";
import { plainText } from "./reading.js";

const SHOWN_SOURCES = 4;

export class Sources {
  readonly element = el("div", { class: "sources" });
  readonly #desk: Desk;
  #key = "";
  #buttons: readonly HTMLButtonElement[] = [];
  #opened: { readonly by: HTMLButtonElement; readonly text: HTMLElement } | null = null;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Shows these sources; an open one stays open while the sources stay the same. */
  show(sources: readonly Source[]): void {
    const key = JSON.stringify(sources);
    if (key === this.#key) return;
    this.#key = key;
    this.close(false);
    this.#buttons = sources.slice(0, SHOWN_SOURCES).map((source) => this.#button(source));
    this.element.replaceChildren(...this.#buttons);
  }

  /** Opens the first source, or closes the one that is open. */
  toggle(): void {
    if (this.#opened) this.close(true);
    else this.#buttons[0]?.click();
  }

  /** Closes the open text; false if there was none. */
  close(focus: boolean): boolean {
    const opened = this.#opened;
    if (!opened) return false;
    this.#opened = null;
    opened.text.remove();
    opened.by.setAttribute("aria-expanded", "false");
    if (focus) opened.by.focus();
    return true;
  }

  #button(source: Source): HTMLButtonElement {
    const title = source.title.slice(0, 80);
    const made = button(
      { class: "source", part: "source", "aria-expanded": "false", title: source.locator.slice(0, 120) },
      () => (this.#opened?.by === made ? this.close(true) : void this.#open(source, made)),
      el("bdi", {}, this.#desk.words.say("source", { title })),
      icon("down"),
    );
    return made;
  }

  async #open(source: Source, by: HTMLButtonElement): Promise<void> {
    const { words } = this.#desk;
    const found = await this.#desk.wish((coach) => coach.source(source.id));
    if (!found || !this.#buttons.includes(by)) return;
    this.close(false);
    const title = el("h4", { tabindex: "-1", dir: "auto" }, found.title);
    const text = el(
      "div",
      { class: "text source-text", part: "source-text", dir: "auto" },
      iconButton("close", words.say("close"), {}, () => this.close(true)),
      title,
      plainText(found.text, words),
    );
    if (found.cut) text.append(el("p", { class: "cause" }, words.say("source_cut")));
    this.element.append(text);
    by.setAttribute("aria-expanded", "true");
    this.#opened = { by, text };
    title.focus();
  }
}
