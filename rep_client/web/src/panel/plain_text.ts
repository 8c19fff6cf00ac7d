/**
 * Markdown of the coach, for reading only: headings, lists, ticked boxes and paragraphs become elements with text in
 * them. Nothing else is read as markup: links, pictures and code stay the letters they are.
 */
import { el, tick } from "./dom.js";

const MAX_LINES = 600;

/** The text as elements. `done` and `open` are what a ticked and an open box are called. */
export function plainText(markdown: string, done: string, open: string): DocumentFragment {
  const made = document.createDocumentFragment();
  let list: HTMLElement | null = null;
  for (const raw of markdown.split("\n").slice(0, MAX_LINES)) {
    const line = raw.trim();
    const heading = /^(#{1,6}) +(.*)/.exec(line);
    const item = /^[-*] +(?:\[([ x])\] +)?(.*)/.exec(line);
    if (item) {
      list ??= made.appendChild(el("ul"));
      const entry = el("li", {}, unescaped(item[2] ?? ""));
      if (item[1]) entry.prepend(tick(item[1] === "x", done, open));
      list.append(entry);
      continue;
    }
    list = null;
    if (heading) {
      // Section headings of a sheet begin below its title.
      made.append(el(heading[1] === "#" ? "h3" : "h4", {}, unescaped(heading[2] ?? "")));
    } else if (line) {
      made.append(el("p", {}, unescaped(line)));
    }
  }
  return made;
}

/** A backslash before punctuation only says that this is no markup. */
function unescaped(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, "$1");
}
