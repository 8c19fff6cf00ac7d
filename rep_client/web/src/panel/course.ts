/**
 * Where the call stands, in one slim line: stage, how much was found out, how much the rep talks. It opens to the whole
 * of it, with what a model makes of the call and whether the screen is looked at.
 */
import type { Insights, State } from "../contract.js";
import type { Desk } from "./desk.js";
import { button, el, icon, setAttribute, setText, tick } from "./dom.js";
import { readable } from "./words.js";

const SHOWN_STEPS = 8;
/** From this share on the rep talks too much: the line says so in another colour. */
const TALKS_A_LOT = 0.65;

export class Course {
  readonly element: HTMLElement;
  readonly toggle: HTMLButtonElement;
  readonly #desk: Desk;
  readonly #stage = el("span", { class: "stage" });
  readonly #steps = el("span", { class: "steps", role: "img" });
  readonly #talk = el("span", { class: "talk" });
  readonly #bar = el("i");
  readonly #all: HTMLElement;
  #shown = "";

  constructor(desk: Desk) {
    this.#desk = desk;
    const title = desk.words.say("course");
    const bar = el("span", { class: "bar", "aria-hidden": "true" }, this.#bar);
    const talking = el("span", { class: "talking" }, bar, this.#talk);
    this.toggle = button(
      { class: "line", part: "course", "aria-expanded": "false", title },
      () => this.open(),
      this.#stage,
      this.#steps,
      talking,
      icon("down"),
    );
    this.#all = el("div", { class: "fold all", part: "course-detail", role: "region", "aria-label": title });
    this.#all.tabIndex = 0;
    this.#all.hidden = true;
    this.element = el("div", { class: "course" }, this.#all, this.toggle);
    this.element.hidden = true;
  }

  open(is = this.#all.hidden): void {
    this.#all.hidden = !is;
    setAttribute(this.toggle, "aria-expanded", String(is));
  }

  show(state: State | null): void {
    const facts = state && [
      state.stage,
      state.checklist,
      state.disclosures,
      state.gauges.talk_ratio,
      state.insights,
      state.screen,
    ];
    const now = JSON.stringify(facts);
    if (now === this.#shown) return;
    this.#shown = now;
    if (!state) {
      this.element.hidden = true;
      return;
    }
    const { words } = this.#desk;
    const items = Object.values(state.checklist);
    const share = state.gauges.talk_ratio;
    setText(this.#stage, state.stage ? words.named("stage", state.stage) : "");
    this.#showSteps(items);
    setText(this.#talk, share === undefined ? "" : words.say("you_talk", { percent: words.percent(share) }));
    (this.#bar.parentElement as HTMLElement).hidden = share === undefined;
    this.#bar.style.transform = `scaleX(${Math.min(Math.max(share ?? 0, 0), 1)})`;
    this.element.toggleAttribute("data-warn", (share ?? 0) > TALKS_A_LOT);
    const rows = this.#details(state);
    this.#all.replaceChildren(...rows);
    this.element.hidden = !state.stage && items.length === 0 && share === undefined && rows.length === 0;
  }

  #showSteps(items: readonly boolean[]): void {
    const done = items.filter(Boolean).length;
    const told = items.length ? this.#desk.words.say("item_count", { n: done, all: items.length }) : "";
    this.#steps.hidden = items.length === 0;
    setAttribute(this.#steps, "aria-label", `${this.#desk.words.say("checklist")}: ${told}`);
    if (items.length > SHOWN_STEPS) setText(this.#steps, told);
    else this.#steps.replaceChildren(...items.map((_, at) => el("i", at < done ? { class: "done" } : {})));
  }

  #details(state: State): HTMLElement[] {
    const { words } = this.#desk;
    const rows: HTMLElement[] = [];
    const items = (key: "checklist" | "disclosures") => {
      const entries = Object.entries(state[key]).map(([item, is]) =>
        el("li", {}, tick(is, words.say("done"), words.say("open")), readable(item)),
      );
      if (entries.length) rows.push(el("h2", {}, words.say(key)), el("ul", {}, ...entries));
    };
    items("checklist");
    items("disclosures");
    const facts: [string, string][] = [];
    const share = state.gauges.talk_ratio;
    if (share !== undefined)
      facts.push([words.named("kind", "talk_ratio"), words.say("talk", { percent: words.percent(share) })]);
    if (state.insights) facts.push(...this.#insights(state.insights));
    const { screen } = state;
    if (screen) {
      const why = screen.why ? words.named("why", screen.why) : words.say("screen_unneeded");
      facts.push([words.named("kind", "screen"), screen.watching ? words.say("screen_seen") : why]);
    }
    if (facts.length) {
      const pairs = facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", { dir: "auto" }, value)]);
      rows.push(el("dl", {}, ...pairs));
    }
    return rows;
  }

  #insights(told: Insights): [string, string][] {
    const { words } = this.#desk;
    const texts = (items: Insights["objections"]) => items.map((item) => item.text).join(" · ");
    const facts: [string, string][] = [
      [words.say("mood"), words.named("mood", told.sentiment)],
      [words.say("intent"), words.say("of_hundred", { n: told.intent })],
      [words.say("next_action"), told.next_action],
      [words.say("hints"), told.hints.join(" · ")],
      [words.say("objections"), texts(told.objections)],
      [words.say("products"), told.products.join(", ")],
      [words.named("kind", "compliance"), texts(told.compliance)],
    ];
    return facts.filter(([, value]) => value);
  }
}
