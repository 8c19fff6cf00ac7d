/**
 * The element itself: it holds the line to the coach and the guard, and decides when the panel can be seen. What is
 * shown is the view's; a view is made anew only when the panel's own words change.
 */
import type { Coach } from "../client/coach.js";
import type { Nudge } from "../contract.js";
import { createGuard } from "../guard/share_guard.js";
import type { ShareGuard } from "../guard/sharing.js";
import { isPressed, KEYS, type KeyMap } from "./keys.js";
import { onScreen } from "./painting.js";
import { style } from "./style.js";
import { View } from "./view.js";
import { fetchLanguage, languageFor, type Strings, Words } from "./words.js";

const VIBRATION_MS = 30;

/** On a server there is nothing to extend; there the class is only a name. */
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

export class Panel extends Base {
  static readonly observedAttributes = ["lang", "disclosure"];
  #client: Coach | null = null;
  #guard: ShareGuard | null | undefined;
  #ownGuard: ShareGuard | null = null;
  #keys: KeyMap = KEYS;
  #strings: Partial<Strings> = {};
  #view: View | null = null;
  /** The view is not there yet, or its words are not those that are wanted. */
  #outdated = true;
  #boxed = true;
  #width = 0;
  #unlisten: (() => void)[] = [];
  #unguard: (() => void) | null = null;
  readonly #size = globalThis.ResizeObserver && new ResizeObserver((entries) => this.#resized(entries));

  get client(): Coach | null {
    return this.#client;
  }

  set client(client: Coach | null) {
    if (client === this.#client) return;
    this.#letGo();
    this.#view?.deck.clear();
    this.#client = client;
    if (this.isConnected) this.#take();
  }

  get guard(): ShareGuard | null {
    return this.#guard ?? this.#ownGuard;
  }

  set guard(guard: ShareGuard | null) {
    this.#guard = guard;
    this.#ownGuard?.stop();
    this.#ownGuard = null;
    if (this.isConnected) this.#watch();
  }

  get keys(): KeyMap {
    return this.#keys;
  }

  set keys(keys: Partial<KeyMap>) {
    this.#keys = { ...KEYS, ...keys };
  }

  get strings(): Partial<Strings> {
    return this.#strings;
  }

  set strings(strings: Partial<Strings>) {
    this.#strings = strings;
    this.#rebuild();
  }

  /** What is read out: the attribute, else the panel's own words. */
  get disclosure(): string {
    return this.getAttribute("disclosure") || this.#view?.words.say("disclosure") || "";
  }

  set disclosure(text: string) {
    this.setAttribute("disclosure", text);
  }

  connectedCallback(): void {
    if (this.#outdated) this.#rebuild();
    document.addEventListener("visibilitychange", this.#onVisibility);
    document.addEventListener("keydown", this.#onKey);
    this.#size?.observe(this);
    this.#take();
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.#onVisibility);
    document.removeEventListener("keydown", this.#onKey);
    this.#size?.disconnect();
    this.#letGo();
  }

  attributeChangedCallback(name: string): void {
    if (name === "lang") this.#rebuild();
    else this.#view?.show();
  }

  override focus(options?: FocusOptions): void {
    if (this.#view) this.#view.focus(options);
    else super.focus(options);
  }

  // -- the line to the coach --

  #take(): void {
    const client = this.#client;
    if (client) {
      client.painter = this.#paint;
      const tell = () => this.#view?.show();
      this.#unlisten = [
        client.on("nudge", (nudge) => this.#show(nudge)),
        client.on("state", tell),
        client.on("standing", tell),
      ];
    }
    this.#watch();
    this.#view?.show();
  }

  #letGo(): void {
    for (const stop of this.#unlisten.splice(0)) stop();
    this.#unguard?.();
    this.#unguard = null;
    this.#ownGuard?.stop();
    this.#ownGuard = null;
    const client = this.#client;
    if (client?.painter !== this.#paint) return;
    client.visible = false;
    client.painter = null;
  }

  readonly #paint = async (nudge: Nudge): Promise<boolean> => {
    this.#show(nudge);
    return this.#seen && this.#view?.deck.shows(nudge) === true && (await onScreen()) && this.#seen;
  };

  #show(nudge: Nudge): void {
    const seen = this.#seen;
    const came = this.#view?.deck.show(nudge, !seen);
    if (came && seen && this.hasAttribute("vibrate")) navigator.vibrate?.(VIBRATION_MS);
  }

  // -- whether it can be seen --

  get #seen(): boolean {
    return this.isConnected && !document.hidden && this.#boxed && !this.guard?.sharing.discreet;
  }

  #judge(): void {
    const sharing = this.guard?.sharing ?? null;
    this.toggleAttribute("discreet", sharing?.discreet ?? false);
    this.#view?.hide(sharing);
    if (this.#client?.painter === this.#paint) this.#client.visible = this.#seen;
  }

  #watch(): void {
    this.#unguard?.();
    const client = this.#client;
    // In a frame it is the page around it that shares the screen, and it has to be told by that.
    if (this.#guard === undefined && client && window.parent === window)
      this.#ownGuard ??= createGuard(client);
    this.#unguard = this.guard?.on(() => this.#judge()) ?? null;
    this.#judge();
  }

  readonly #onVisibility = (): void => this.#judge();

  #resized(entries: readonly ResizeObserverEntry[]): void {
    const width = entries.at(-1)?.contentRect.width ?? 0;
    const boxed = width > 0;
    if (width !== this.#width) this.#view?.deck.release();
    this.#width = width;
    if (boxed === this.#boxed) return;
    this.#boxed = boxed;
    this.#judge();
  }

  // -- keys and words --

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || !isPressed(event, this.#keys.focus)) return;
    event.preventDefault();
    this.focus();
  };

  #rebuild(): void {
    this.#outdated = !this.isConnected;
    if (this.#outdated) return;
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style()];
    const language =
      this.lang || this.closest("[lang]")?.getAttribute("lang") || document.documentElement.lang;
    const kept = this.#view?.deck.nudges ?? [];
    this.#view?.deck.clear();
    const ours = languageFor(language);
    this.#view = new View(this, new Words(ours, this.#strings));
    void fetchLanguage(ours).then((fetched) => fetched && this.#rebuild());
    root.replaceChildren(...this.#view.elements);
    for (const nudge of kept) this.#view.deck.show(nudge, true);
    this.#view.show();
    this.#judge();
  }
}
