/**
 * What opens beneath the newest card and closes again: the notes so far, and the list of keys. The newest card stays in
 * sight; the focus goes to the sheet and comes back afterwards.
 */
import type { Desk } from "./desk.js";
import { el, iconButton } from "./dom.js";
import type { KeyMap } from "./keys.js";
import { keyList, notesPage } from "./reading.js";

type Name = "notes" | "keys";

export class Sheet {
  readonly element = el("section", { class: "sheet", part: "sheet", tabindex: "-1" });
  /** Called when it opened or closed. */
  onChange: (open: boolean) => void = () => undefined;
  readonly #desk: Desk;
  #name: Name | null = null;
  #back: HTMLElement | null = null;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.element.hidden = true;
  }

  /** Fetches and shows the notes so far; the same again closes them. */
  notes(): void {
    if (this.#name === "notes") this.close();
    else void this.#notes(1);
  }

  /** Shows which key does what; the same again closes it. */
  keys(keys: KeyMap): void {
    if (this.#name === "keys") this.close();
    else void this.#fill("keys", () => keyList(keys, this.#desk.words));
  }

  /** False if nothing was open. */
  close(): boolean {
    if (!this.#name) return false;
    this.#name = null;
    const focused = this.element.contains(this.#focused());
    this.element.replaceChildren();
    this.element.hidden = true;
    this.onChange(false);
    if (focused) this.#back?.focus();
    this.#back = null;
    return true;
  }

  #notes(page: number): Promise<void> {
    return this.#fill("notes", async () => {
      const notes = await this.#desk.wish((coach) => coach.notes(page));
      return notes && notesPage(notes, this.#desk.words, (to) => void this.#notes(to));
    });
  }

  /** Opens, and closes again where there is nothing to be had. */
  async #fill(
    name: Name,
    get: () => DocumentFragment | Promise<DocumentFragment | undefined>,
  ): Promise<void> {
    const { words } = this.#desk;
    const focused = this.#focused();
    if (!this.element.contains(focused)) this.#back = focused as HTMLElement | null;
    this.#name = name;
    const title = words.say(name);
    const body = el("div", { class: "text" }, el("p", { class: "cause" }, words.say("loading")));
    const close = iconButton("close", words.say("close"), {}, () => this.close());
    this.element.setAttribute("aria-label", title);
    this.element.replaceChildren(el("div", { class: "title" }, el("h2", {}, title), close), body);
    this.element.hidden = false;
    this.onChange(true);
    this.element.focus();
    const read = await get();
    if (!body.isConnected) return;
    if (read) body.replaceChildren(read);
    else this.close();
  }

  #focused(): Element | null {
    return (this.element.getRootNode() as ShadowRoot).activeElement ?? null;
  }
}
