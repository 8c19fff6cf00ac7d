/**
 * Everything the panel shows, put together, and what its keys do. The element says when something changed; the view
 * looks at the line to the coach and brings each part up to date.
 */
import type { Coach } from "../client/coach.js";
import type { FeedbackKind } from "../contract.js";
import type { ShareGuard, Sharing } from "../guard/sharing.js";
import { AskBox } from "./ask_box.js";
import { Consent } from "./consent.js";
import { Course } from "./course.js";
import { Deck } from "./deck.js";
import type { Desk } from "./desk.js";
import { Discreet } from "./discreet.js";
import { el, iconButton, setAttribute, setText } from "./dom.js";
import { Header } from "./header.js";
import { type Command, commandOf, type KeyMap } from "./keys.js";
import { People } from "./people.js";
import { Sheet } from "./sheet.js";
import { SpokenLog } from "./spoken_log.js";
import { PRESSING, statusOf, UNREACHABLE } from "./status.js";
import type { Words } from "./words.js";

const KEPT_QUESTIONS = 20;
const NOTICE_MS = 6_000;

/** What the view needs of the element. */
export interface Host {
  readonly client: Coach | null;
  readonly guard: ShareGuard | null;
  readonly keys: KeyMap;
  readonly disclosure: string;
}

export class View implements Desk {
  readonly elements: readonly HTMLElement[];
  readonly deck: Deck;
  readonly #host: Host;
  readonly #log: SpokenLog;
  readonly #header: Header;
  readonly #people: People;
  readonly #consent: Consent;
  readonly #course: Course;
  readonly #sheet: Sheet;
  readonly #ask: AskBox;
  readonly #discreet: Discreet;
  readonly #line = el("p", { class: "line quiet", part: "line" });
  readonly #notice = el("p", { class: "notice", part: "notice", role: "status" });
  readonly #main: HTMLElement;
  readonly #panel: HTMLElement;
  readonly #notes: HTMLButtonElement;
  readonly #questions = new Map<string, string>();
  #names: ReadonlyMap<string, string> = new Map();
  #naming = "";
  #coach: string | null = null;
  #scrolled = false;
  #noticed: ReturnType<typeof setTimeout> | undefined;

  constructor(
    host: Host,
    readonly words: Words,
  ) {
    this.#host = host;
    this.#log = new SpokenLog(words.say("panel"));
    this.deck = new Deck(this, this.#log);
    this.#header = new Header(this, () => this.#openPeople());
    this.#people = new People(this, () => host.disclosure);
    this.#consent = new Consent(this, () => host.disclosure);
    this.#course = new Course(this);
    this.#sheet = new Sheet(this);
    this.#ask = new AskBox(this, (id, question) => this.#remember(id, question));
    this.#discreet = new Discreet(this, () => host.guard?.clear());
    this.#notes = iconButton("notes", words.say("notes"), {}, () => this.#sheet.notes());
    const help = iconButton("keys", words.say("keys"), {}, () => this.#sheet.keys(host.keys));
    const { newestPlace, earlier } = this.deck;
    this.#main = el(
      "div",
      { class: "main", part: "main", tabindex: "0", role: "region", "aria-label": words.say("panel") },
      el("h2", { class: "spoken" }, words.say("panel")), // what the headlines of cards stand under
      this.#consent.element,
      newestPlace,
      this.#line,
      this.#sheet.element,
      earlier,
    );
    const foot = el("div", { class: "foot" }, this.#ask.element, this.#notes, help);
    this.#panel = el(
      "div",
      { class: "panel", part: "panel", lang: words.language, tabindex: "-1" },
      this.#header.element,
      this.#people.element,
      this.#main,
      this.#notice,
      el("footer", { part: "footer" }, this.#course.element, foot),
      this.#log.element,
    );
    this.#discreet.element.lang = words.language;
    this.elements = [this.#panel, this.#discreet.element];
    this.#panel.addEventListener("keydown", (event) => this.#onKey(event));
    this.#main.addEventListener("scroll", () => {
      this.#scrolled = this.#main.scrollTop > 0;
    });
    this.#sheet.onChange = (open) => {
      earlier.classList.toggle("under", open);
    };
    this.deck.onChange = (came) => this.#onCards(came);
  }

  /** Brings everything but the cards up to date. */
  show(): void {
    const client = this.#host.client;
    const state = client?.state ?? null;
    const standing = client?.standing ?? null;
    const status = statusOf(standing, state);
    const { words } = this;
    if (standing && standing.coach !== this.#coach) {
      this.#coach = standing.coach;
      this.deck.forgetDismissals();
    }
    setAttribute(this.#panel, "data-status", status);
    this.#main.classList.toggle("pressing", PRESSING.has(status));
    setText(this.#line, words.say(`line.${status}`));
    this.#header.show(status, state);
    this.#people.show(state);
    this.#consent.show(UNREACHABLE.has(status) ? null : state);
    this.#course.show(state);
    this.#ask.disabled = UNREACHABLE.has(status) || status === "off";
    this.#notes.disabled = UNREACHABLE.has(status);
    const people = state?.participants ?? [];
    const naming = JSON.stringify(people.map((one) => [one.identity, one.name]));
    if (state && naming !== this.#naming) {
      this.#naming = naming;
      this.#names = new Map(
        people.map((one) => [one.identity, one.role === "rep" ? words.say("rep") : one.name]),
      );
      this.deck.tellCauses();
    }
  }

  /** Hides all but a dot while the share would show it. */
  hide(sharing: Sharing | null): void {
    const discreet = sharing?.discreet ?? false;
    const root = this.#panel.getRootNode();
    const focused = root instanceof ShadowRoot && root.activeElement !== null;
    this.#discreet.show(sharing);
    if (this.#panel.hidden === discreet) return;
    this.#panel.hidden = discreet;
    if (discreet) {
      this.#log.clear();
      if (focused) this.#discreet.focus();
    } else if (focused) {
      this.focus();
    }
  }

  focus(options?: FocusOptions): void {
    if (this.#panel.hidden) this.#discreet.focus();
    else (this.deck.newest?.element ?? this.#main).focus(options);
  }

  // -- for the parts --

  async wish<Answer>(what: (coach: Coach) => Promise<Answer>): Promise<Answer | undefined> {
    const client = this.#host.client;
    try {
      if (client) return await what(client);
    } catch {
      // Whatever it was, the rep can do one thing about it.
    }
    this.#tell(this.words.say("failed"));
    return undefined;
  }

  nameOf(identity: string): string | null {
    return this.#names.get(identity) || null;
  }

  questionOf(askId: string): string | null {
    return this.#questions.get(askId) ?? null;
  }

  #remember(id: string, question: string): void {
    this.#questions.set(id, question);
    for (const oldest of this.#questions.keys()) {
      if (this.#questions.size <= KEPT_QUESTIONS) break;
      this.#questions.delete(oldest);
    }
    // The answer may be here before the id is.
    this.deck.tellCauses();
    this.#tell(this.words.say("asked"));
  }

  #tell(notice: string): void {
    setText(this.#notice, notice);
    clearTimeout(this.#noticed);
    this.#noticed = setTimeout(() => setText(this.#notice, ""), NOTICE_MS);
  }

  // -- what happens --

  #onCards(came: boolean): void {
    // Somebody who reads an earlier card is not torn away from it.
    if (came && this.#scrolled && !this.#main.contains(this.#focused())) this.#main.scrollTop = 0;
    if (came) setText(this.#notice, "");
  }

  #openPeople(open = this.#people.element.hidden): void {
    this.#people.element.hidden = !open;
    setAttribute(this.#header.people, "aria-expanded", String(open));
  }

  #focused(): Element | null {
    return (this.#panel.getRootNode() as ShadowRoot).activeElement ?? null;
  }

  #onKey(event: KeyboardEvent): void {
    const pressed = event.composedPath()[0];
    const typing = pressed instanceof HTMLTextAreaElement;
    const command = event.defaultPrevented ? null : commandOf(event, this.#host.keys, typing);
    if (command && this.#do(command, typing)) event.preventDefault();
  }

  /** Does what a key asks for; false if it asks for nothing just now. */
  #do(command: Command, typing: boolean): boolean {
    const card = this.deck.current(this.#focused());
    const tell = (kind: FeedbackKind) => {
      if (card) this.deck.act(card, kind);
      return card !== null;
    };
    switch (command) {
      case "useful":
      case "later":
      case "confirm":
        return tell(command);
      case "pin":
        return tell("pinned");
      case "dismiss":
        return tell("dismissed");
      case "source":
        card?.sources.toggle();
        return card !== null;
      case "expand":
        card?.fold();
        return card !== null;
      case "next":
      case "previous":
        this.deck.step(this.#focused(), command === "next" ? 1 : -1);
        return true;
      case "ask":
        this.#ask.field.focus();
        return true;
      case "notes":
        if (!this.#notes.disabled) this.#sheet.notes();
        return true;
      case "people":
        this.#openPeople();
        return true;
      case "course":
        this.#course.open();
        return true;
      case "quiet":
        this.#header.choose(this.#host.client?.state?.attention === "quiet" ? "live" : "quiet");
        return true;
      case "consent":
        this.#consent.focus();
        return true;
      case "help":
        this.#sheet.keys(this.#host.keys);
        return true;
      default:
        return this.#back(typing, card?.sources.close(true) ?? false);
    }
  }

  #back(typing: boolean, closed: boolean): boolean {
    if (closed || this.#sheet.close()) return true;
    if (typing) {
      this.focus();
      return true;
    }
    if (this.#people.element.hidden) return false;
    this.#openPeople(false);
    this.#header.people.focus();
    return true;
  }
}
