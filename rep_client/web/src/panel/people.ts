/**
 * Who is heard, who is not and why; and consent taken back, for one person at a time, after one more question. Rows
 * stay the same elements while the call state changes, so that neither focus nor an open question is lost.
 */
import type { Hearing, State } from "../contract.js";
import type { Desk } from "./desk.js";
import { arrange, button, el, iconButton, setAttribute, setText } from "./dom.js";

interface Row {
  readonly element: HTMLElement;
  readonly name: HTMLElement;
  readonly role: HTMLElement;
  readonly why: HTMLElement;
  readonly stop: HTMLButtonElement;
  readonly again: HTMLButtonElement;
}

export class People {
  readonly element: HTMLElement;
  readonly #desk: Desk;
  readonly #list = el("ul", { class: "people" });
  readonly #trouble = el("p", { class: "cause" });
  readonly #disclosure: () => string;
  readonly #rows = new Map<string, Row>();

  /** `disclosure`: what was read out, for the record when somebody is heard again. */
  constructor(desk: Desk, disclosure: () => string) {
    this.#desk = desk;
    this.#disclosure = disclosure;
    this.element = el(
      "section",
      { class: "fold", part: "people", "aria-label": desk.words.say("people") },
      this.#list,
      this.#trouble,
    );
    this.element.hidden = true;
  }

  show(state: State | null): void {
    const { words } = this.#desk;
    const people = state?.participants.filter((one) => one.present || one.consent === "granted") ?? [];
    const gone = new Set(this.#rows.keys());
    const rows = people.map((one) => {
      gone.delete(one.identity);
      const row = this.#rows.get(one.identity) ?? this.#row(one);
      this.#fill(row, one, state?.consent_mode === "rep_discloses");
      return row.element;
    });
    arrange(this.#list, rows);
    for (const identity of gone) {
      this.#rows.get(identity)?.element.remove();
      this.#rows.delete(identity);
    }
    setText(this.#trouble, (state?.trouble ?? []).map((one) => words.named("trouble", one)).join(" "));
  }

  #row(one: Hearing): Row {
    const { identity } = one;
    const row: Row = {
      element: el("li"),
      name: el("bdi", { class: "name" }),
      role: el("span", { class: "role" }),
      why: el("span", { class: "why" }),
      stop: iconButton("close", "", {}, () => this.#askFirst(row, identity)),
      again: iconButton("live", "", {}, () => this.#hearAgain(identity)),
    };
    const light = el("span", { class: "light" });
    row.element.append(light, row.name, row.role, row.why, row.stop, row.again);
    this.#rows.set(identity, row);
    return row;
  }

  #fill(row: Row, one: Hearing, repDiscloses: boolean): void {
    const { words } = this.#desk;
    const name = (one.name || one.identity).slice(0, 80);
    setText(row.name, name);
    setText(row.role, words.named("role", one.role));
    setText(row.why, this.#why(one));
    setAttribute(row.element, "data-heard", String(one.heard));
    row.stop.hidden = one.consent !== "granted";
    row.again.hidden = one.consent !== "declined" || !repDiscloses || !one.present;
    for (const [which, key] of [
      [row.stop, "stop_hearing"],
      [row.again, "hear_again"],
    ] as const) {
      setAttribute(which, "aria-label", words.say(key, { name }));
      setAttribute(which, "title", words.say(key, { name }));
    }
  }

  #why(one: Hearing): string {
    const { words } = this.#desk;
    if (!one.heard) return one.why ? words.named("why", one.why) : words.say("not_heard");
    const late: string[] = [];
    if (one.behind_s >= 1) late.push(words.say("behind", { n: Math.round(one.behind_s) }));
    if (one.lost_s >= 1) late.push(words.say("lost", { n: Math.round(one.lost_s) }));
    return late.join(", ") || words.say("heard");
  }

  #askFirst(row: Row, identity: string): void {
    if (row.element.querySelector(".sure")) return;
    const { words } = this.#desk;
    const keep = () => {
      sure.remove();
      row.stop.focus();
    };
    const stop = () => {
      sure.remove();
      const how = words.say("taken_back_how");
      void this.#desk.wish((coach) => coach.consent([identity], { granted: false, how }));
      (row.stop.hidden ? this.element : row.stop).focus();
    };
    const no = button({}, keep, words.say("take_back_no"));
    const sure = el(
      "div",
      { class: "sure", role: "group" },
      el("p", {}, words.say("take_back", { name: row.name.textContent })),
      button({ class: "danger" }, stop, words.say("take_back_yes")),
      no,
    );
    sure.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      keep();
    });
    row.element.append(sure);
    no.focus();
  }

  #hearAgain(identity: string): void {
    const options = { granted: true, how: this.#desk.words.say("consent_how"), text: this.#disclosure() };
    void this.#desk.wish((coach) => coach.consent([identity], options));
  }
}
