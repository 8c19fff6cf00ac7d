/**
 * Why a hint is there, worded for a glance: who said what and when, which gauge crossed its line, which question was
 * asked, when the screen was looked at. The words that fired it stand in a `<mark>`.
 */
import type { Because, GaugeBecause } from "../contract.js";
import type { Desk } from "./desk.js";
import { el } from "./dom.js";
import { clock, readable, type Words } from "./words.js";

const QUOTE_LIMIT = 240;

/** One line of a card. */
export function causeLine(because: Because, desk: Desk): HTMLElement {
  const line = el("p", { class: "cause", part: "cause" });
  const { words } = desk;
  if (because.type === "words") {
    const who = desk.nameOf(because.speaker) ?? readable(words.named("role", because.role));
    line.append(el("bdi", {}, who.slice(0, 80)), ` · ${clock(because.start)}`);
    const quote = because.quote.slice(0, QUOTE_LIMIT);
    if (quote) line.append("  ", el("mark", { part: "quote", dir: "auto" }, words.quoted(quote)));
  } else if (because.type === "gauge") {
    line.append(gaugeText(because, words));
  } else if (because.type === "question") {
    const question = desk.questionOf(because.ask_id);
    line.append(words.say("you_asked"));
    if (question)
      line.append(
        "  ",
        el("mark", { part: "quote", dir: "auto" }, words.quoted(question.slice(0, QUOTE_LIMIT))),
      );
  } else {
    line.append(words.say("on_screen", { time: clock(because.at) }));
  }
  return line;
}

function gaugeText(gauge: GaugeBecause, words: Words): string {
  const key = `gauge.${gauge.name}`;
  const n = Math.round(gauge.value * 10) / 10;
  if (!words.has(key)) return words.say("gauge", { name: readable(gauge.name), n });
  return words.say(key, {
    n: Math.round(gauge.value),
    time: clock(gauge.value),
    percent: words.percent(gauge.value),
    seconds: words.say("seconds", { n }),
    window: words.span(gauge.window),
  });
}
