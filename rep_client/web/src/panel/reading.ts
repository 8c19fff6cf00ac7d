/**
 * What is read at leisure: the notes so far, the list of keys, and the text of a source.
 */
import type { NotesPage } from "../contract.js";
import { button, el } from "./dom.js";
import type { KeyMap } from "./keys.js";
import { plainText as asElements } from "./plain_text.js";
import type { StringKey, Words } from "./words.js";

/** A text of the coach, for reading only. */
export function plainText(markdown: string, words: Words): DocumentFragment {
  return asElements(markdown, words.say("done"), words.say("open"));
}

/** A page of the notes, and buttons for the pages around it. */
export function notesPage(notes: NotesPage, words: Words, turn: (page: number) => void): DocumentFragment {
  const made = plainText(notes.markdown, words);
  if (notes.pages > 1) {
    const before = button({}, () => turn(notes.page - 1), words.say("page_before"));
    const after = button({}, () => turn(notes.page + 1), words.say("page_after"));
    before.disabled = notes.page <= 1;
    after.disabled = notes.page >= notes.pages;
    const where = el("span", {}, words.say("page", { n: notes.page, all: notes.pages }));
    made.append(el("div", { class: "pages" }, before, where, after));
  }
  return made;
}

/** Which key does what. */
export function keyList(keys: KeyMap, words: Words): DocumentFragment {
  const made = document.createDocumentFragment();
  const pairs = Object.entries(keys).flatMap(([command, key]) => {
    if (!key) return [];
    const told = `key.${command}`;
    const does = words.say(words.has(told) ? told : (command as StringKey));
    return [el("dt", {}, el("kbd", {}, printed(key))), el("dd", {}, does)];
  });
  made.append(el("p", { class: "cause" }, words.say("keys_hint")), el("dl", { class: "keys" }, ...pairs));
  return made;
}

const PRINTED: Readonly<Record<string, string>> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
};

/** A key as it is printed on a keyboard. */
function printed(key: string): string {
  return key
    .split(/\+(?=.)/)
    .map((part) => PRINTED[part] ?? part.charAt(0).toUpperCase() + part.slice(1))
    .join(" ");
}
