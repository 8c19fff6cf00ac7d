/**
 * The cards: the newest large, earlier ones as rows beneath it, pinned ones first. Revisions come in; what the rep does
 * with a card goes to the coach. Promises: at most `KEPT_CARDS` are kept, whatever comes; a withdrawn card leaves no
 * word; the newest place keeps its height while words stream; one timer in all.
 */
import type { FeedbackKind, Nudge } from "../contract.js";
import { Card } from "./card.js";
import type { Desk } from "./desk.js";
import { arrange, button, el, place, setText } from "./dom.js";
import type { SpokenLog } from "./spoken_log.js";

const KEPT_CARDS = 50;
const KEPT_DISMISSALS = 200;
const SHOWN_ROWS = 4;
/** A stale card keeps the large place for so long, in milliseconds, then joins the earlier ones. */
const STALE_MS = 45_000;
const LEAVING_MS = 160;
const LONGEST_TIMER = 3_600_000;

export class Deck {
  readonly newestPlace = el("div", { class: "newest", part: "newest" });
  readonly earlier: HTMLElement;
  /** Called when the newest place was filled or emptied, and when a new card came. */
  onChange: (came: boolean) => void = () => undefined;
  readonly #desk: Desk;
  readonly #log: SpokenLog;
  readonly #rows = el("div", { class: "rows" });
  readonly #more: HTMLButtonElement;
  readonly #cards = new Map<string, Card>();
  readonly #dismissed = new Set<string>();
  #newest: Card | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #holding = false;

  constructor(desk: Desk, log: SpokenLog) {
    this.#desk = desk;
    this.#log = log;
    this.#more = button({ class: "more", part: "more" }, () => this.#showAll());
    const title = desk.words.say("earlier");
    this.earlier = el(
      "section",
      { class: "earlier", part: "earlier", "aria-label": title },
      el("h2", {}, title),
      this.#rows,
      this.#more,
    );
    this.#rows.addEventListener("click", (event) => this.#rowPressed(event));
    this.#arrange();
  }

  get newest(): Card | null {
    return this.#newest;
  }

  /** What is shown, so that a panel in another language can show it again; the newest last. */
  get nudges(): readonly Nudge[] {
    return [...this.#cards.values()].map((card) => card.nudge);
  }

  /**
   * Shows a revision, in place of the one of the same id; true if the card is new. Silent: nothing is said aloud.
   */
  show(nudge: Nudge, silent = false): boolean {
    const known = this.#cards.get(nudge.id);
    if (known?.nudge === nudge || this.#dismissed.has(nudge.id)) return false;
    if (nudge.status === "withdrawn") {
      if (known) this.#withdraw(known);
      return false;
    }
    const card = known ?? new Card(nudge, this.#desk, (of, kind) => this.#feedback(of, kind));
    const streamed = known?.streaming ?? false;
    if (known) known.update(nudge);
    card.expires = performance.now() + nudge.ttl_ms;
    card.element.removeAttribute("data-stale");
    if (!known) this.#take(card);
    else if (streamed && nudge.final && card !== this.#newest) card.element.setAttribute("data-news", "");
    if (card.streaming && card === this.#newest) this.#hold(card);
    if (!silent && (!known || nudge.final)) this.#say(card, !known);
    this.#schedule();
    return !known;
  }

  /** Whether this revision is what a person sees of its card: a dismissed one is not. */
  shows(nudge: Nudge): boolean {
    return nudge.status === "withdrawn" || this.#cards.get(nudge.id)?.nudge === nudge;
  }

  /** The coach was exchanged: what was dismissed of the one before says nothing of this one's cards. */
  forgetDismissals(): void {
    this.#dismissed.clear();
  }

  /** Somebody's name became known. */
  tellCauses(): void {
    for (const card of this.#cards.values()) card.tellCauses();
  }

  /** The panel's width changed: heights that were kept are wrong now. */
  release(): void {
    for (const card of this.#cards.values()) card.release();
  }

  /** The card the keys speak of: the one with the focus, else the newest. */
  current(focused: Element | null): Card | null {
    for (const card of this.#cards.values()) if (focused && card.element.contains(focused)) return card;
    return this.#newest;
  }

  /** Moves the focus to the card after (1) or before (-1) the current one, as they stand on the screen. */
  step(focused: Element | null, by: 1 | -1): void {
    const all = [...this.newestPlace.children, ...this.#rows.children] as HTMLElement[];
    const at = all.findIndex((one) => focused && one.contains(focused));
    const to = all[Math.max(at + by, 0)];
    if (to && to.getClientRects().length === 0) this.#showAll();
    to?.focus();
  }

  /** Does to a card what the rep wishes. */
  act(card: Card, kind: FeedbackKind): void {
    this.#feedback(card, kind);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#cards.clear();
    this.#newest = null;
    this.#log.clear();
    this.newestPlace.replaceChildren();
    this.#rows.replaceChildren();
    this.#arrange();
  }

  #take(card: Card): void {
    this.#cards.set(card.nudge.id, card);
    this.#newest = card;
    for (const left of this.newestPlace.querySelectorAll("[data-leaving]")) left.remove();
    if (this.#cards.size > KEPT_CARDS) this.#evict();
    this.#arrange();
    this.onChange(true);
  }

  #evict(): void {
    const all = [...this.#cards.values()];
    const oldest = all.find((card) => !card.pinned && card !== this.#newest) ?? all[0];
    if (oldest) this.#remove(oldest);
  }

  #remove(card: Card): void {
    const { element } = card;
    const focus = element.contains((element.getRootNode() as ShadowRoot).activeElement ?? null);
    this.#cards.delete(card.nudge.id);
    this.#log.unsay(card.nudge.id);
    const next = (element.nextElementSibling ?? this.#rows.firstElementChild) as HTMLElement | null;
    element.remove();
    if (this.#newest === card) this.#newest = this.#freshest();
    this.#arrange();
    if (focus) (this.#newest?.element ?? next ?? this.newestPlace.parentElement)?.focus();
    this.onChange(false);
    this.#schedule();
  }

  /** What takes the large place when the newest left it: the last card that is not stale yet. */
  #freshest(): Card | null {
    const fresh = [...this.#cards.values()].filter((card) => card.expires > performance.now());
    return fresh.at(-1) ?? null;
  }

  /** Its words are gone at once; what fades is the empty card. */
  #withdraw(card: Card): void {
    const ghost = card.element.cloneNode(false) as HTMLElement;
    const wasNewest = card === this.#newest;
    ghost.style.height = `${card.element.offsetHeight}px`;
    ghost.setAttribute("data-leaving", "");
    ghost.setAttribute("aria-hidden", "true");
    ghost.removeAttribute("tabindex");
    if (wasNewest || card.element.parentElement === this.#rows) card.element.before(ghost);
    this.#remove(card);
    if (wasNewest && this.#newest) ghost.remove();
    setTimeout(() => ghost.remove(), LEAVING_MS);
    this.#log.say("withdrawn", this.#desk.words.say("withdrawn"));
  }

  #feedback(card: Card, kind: FeedbackKind): void {
    const { id, action } = card.nudge;
    if (kind === "confirm" && (!action || card.confirming)) return;
    if (kind === "pinned") {
      card.pin(!card.pinned);
      card.element.removeAttribute("data-stale");
      this.#arrange();
      this.#schedule();
      // The contract knows no unpinning: the card just stops being kept here.
      if (!card.pinned) return;
    } else if (kind === "useful") {
      card.useful = true;
    } else if (kind === "confirm") {
      card.confirming = true;
    } else {
      if (kind === "dismissed") this.#dismiss(id);
      this.#remove(card);
    }
    const sent = this.#desk.wish((coach) => coach.feedback(id, kind).then(() => true));
    if (kind === "confirm") void sent.then((done) => done || card.update({ ...card.nudge }));
  }

  #dismiss(id: string): void {
    this.#dismissed.add(id);
    for (const oldest of this.#dismissed) {
      if (this.#dismissed.size <= KEPT_DISMISSALS) break;
      this.#dismissed.delete(oldest);
    }
  }

  #say(card: Card, isNew: boolean): void {
    const { headline, detail, final, kind } = card.nudge;
    const { words } = this.#desk;
    const what = kind ? words.named("kind", kind) : words.say("hint");
    this.#log.say(card.nudge.id, `${what}: ${headline}${final && !isNew && detail ? `. ${detail}` : ""}`);
  }

  /** Puts every card where it belongs. Rows that stay where they are cost nothing. */
  #arrange(): void {
    const newest = this.#newest;
    const rows = [...this.#cards.values()].reverse().filter((card) => card !== newest);
    rows.sort((one, other) => Number(other.pinned) - Number(one.pinned));
    // Before they move: what cannot be seen cannot keep the focus.
    this.earlier.hidden = rows.length === 0;
    for (const card of rows) card.newest = false;
    arrange(
      this.#rows,
      rows.map((card) => card.element),
    );
    if (newest) {
      place(this.newestPlace, newest.element, null);
      newest.newest = true;
    }
    const hidden = this.#rows.hasAttribute("data-all") ? 0 : Math.max(rows.length - SHOWN_ROWS, 0);
    this.#more.hidden = hidden === 0;
    setText(this.#more, this.#desk.words.say("more", { n: hidden }));
  }

  #showAll(): void {
    this.#rows.setAttribute("data-all", "");
    this.#arrange();
  }

  #rowPressed(event: Event): void {
    const pressed = event.target as Element;
    if (pressed.closest("button") || !pressed.closest(".head")) return;
    this.current(pressed)?.fold();
  }

  /** Before the next frame, once however many revisions come until then. */
  #hold(card: Card): void {
    if (this.#holding) return;
    this.#holding = true;
    requestAnimationFrame(() => {
      this.#holding = false;
      if (card === this.#newest) card.hold();
    });
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const card of this.#cards.values()) {
      if (card.pinned) continue;
      if (card.expires > now) next = Math.min(next, card.expires);
      else card.element.setAttribute("data-stale", "");
    }
    const newest = this.#newest;
    if (newest && !newest.pinned && newest.expires <= now) {
      if (newest.expires + STALE_MS > now || this.#busy(newest)) {
        next = Math.min(next, Math.max(newest.expires + STALE_MS, now + 1_000));
      } else {
        this.#newest = null;
        this.#arrange();
        this.onChange(false);
      }
    }
    if (next < Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(() => this.#schedule(), Math.min(next - now + 1, LONGEST_TIMER));
    }
  }

  /** Whether the rep is reading or using it. */
  #busy(card: Card): boolean {
    return (
      card.element.contains((card.element.getRootNode() as ShadowRoot).activeElement) ||
      card.element.matches(":hover")
    );
  }
}
