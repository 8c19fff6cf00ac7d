/**
 * The keyboard: which key does what, and whether a press is meant for the panel. Single keys count only while the focus
 * is inside the panel and in no text field; the one key that works from anywhere has modifiers.
 */

/** What keys do. All but `focus` work while the focus is inside the panel. */
export type Command =
  | "focus"
  | "useful"
  | "later"
  | "pin"
  | "dismiss"
  | "confirm"
  | "source"
  | "next"
  | "previous"
  | "expand"
  | "ask"
  | "notes"
  | "people"
  | "course"
  | "quiet"
  | "consent"
  | "help"
  | "back";

/**
 * A key for each command, as `KeyboardEvent.key` names it, with `alt+`, `ctrl+`, `meta+`, `shift+` before it where it
 * needs them. An empty string switches a command off.
 */
export type KeyMap = Readonly<Record<Command, string>>;

export const KEYS: KeyMap = {
  focus: "alt+shift+c",
  useful: "u",
  later: "l",
  pin: "p",
  dismiss: "d",
  confirm: "y",
  source: "s",
  next: "ArrowDown",
  previous: "ArrowUp",
  expand: "e",
  ask: "a",
  notes: "n",
  people: "w",
  course: "t",
  quiet: "q",
  consent: "c",
  help: "?",
  back: "Escape",
};

/** The command a press stands for. `typing`: it went into a text field, where only going back counts. */
export function commandOf(event: KeyboardEvent, keys: KeyMap, typing: boolean): Command | null {
  for (const [command, key] of Object.entries(keys) as [Command, string][]) {
    if (command !== "focus" && (!typing || command === "back") && isPressed(event, key)) return command;
  }
  return null;
}

/** Whether exactly this key was pressed. */
export function isPressed(event: KeyboardEvent, key: string): boolean {
  if (!key || event.isComposing) return false;
  const parts = key.toLowerCase().split(/\+(?=.)/);
  const wanted = parts.pop() ?? "";
  const has = (name: string, pressed: boolean) => parts.includes(name) === pressed;
  // A sign such as `?` says itself whether shift belongs to it.
  const shift = !/^[a-z]$/.test(wanted) && wanted.length === 1 ? true : has("shift", event.shiftKey);
  if (!shift || !has("alt", event.altKey) || !has("ctrl", event.ctrlKey) || !has("meta", event.metaKey))
    return false;
  // With alt held down a letter key may give another letter; its place on the keyboard does not change.
  return event.key.toLowerCase() === wanted || (event.altKey && event.code === `Key${wanted.toUpperCase()}`);
}
