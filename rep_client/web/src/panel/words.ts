/**
 * What the panel says, in the language it is to say it in: strings with their gaps filled, clock times, durations and
 * names of the contract's own words. Text from the wire only fills gaps; nothing here makes markup of it.
 */
import { en, type Strings } from "./strings/en.js";

export type { Strings };
export type StringKey = keyof typeof en;

/** Languages beside English are fetched when they are wanted. */
const FURTHER: Readonly<Record<string, () => Promise<Strings>>> = {
  de: () => import("./strings/de.js").then((module) => module.de),
};

const known = new Map<string, Readonly<Record<string, string>>>([["en", en]]);

type Gaps = Readonly<Record<string, string | number>>;

/** The language of ours that serves this BCP 47 tag: English where none does. */
export function languageFor(tag: string): string {
  const base = tag.toLowerCase().split(/[-_]/)[0] ?? "";
  return base in FURTHER ? base : "en";
}

/** Fetches a language; false if it is here already, or cannot be had. */
export async function fetchLanguage(language: string): Promise<boolean> {
  if (known.has(language)) return false;
  try {
    const strings = await FURTHER[language]?.();
    if (strings) known.set(language, strings);
    return strings !== undefined;
  } catch {
    return false;
  }
}

export class Words {
  /** BCP 47 tag of the strings in use: `en` where the wished language is not there yet. */
  readonly language: string;
  readonly #strings: Readonly<Record<string, string>>;

  constructor(language: string, override: Partial<Strings>) {
    this.language = known.has(language) ? language : "en";
    this.#strings = { ...known.get(this.language), ...override };
  }

  /** The string of this key, its `{gaps}` filled. */
  say(key: StringKey, gaps: Gaps = {}): string {
    return (this.#strings[key] ?? en[key]).replace(/\{(\w+)\}/g, (gap, name: string) =>
      String(gaps[name] ?? gap),
    );
  }

  /** The string of `prefix.name`; a name nobody translated as it reads. Kinds and stages begin with a capital. */
  named(prefix: "kind" | "stage" | "role" | "why" | "trouble" | "mood", name: string): string {
    const readsAs = prefix === "kind" || prefix === "stage" ? readable(name) : spaced(name);
    return this.#strings[`${prefix}.${name}`] ?? readsAs;
  }

  has(key: string): key is StringKey {
    return Object.hasOwn(en, key);
  }

  percent(share: number): string {
    return this.say("percent", { n: Math.round(share * 100) });
  }

  /** A span of time in whole minutes from a minute on, else in seconds. */
  span(seconds: number): string {
    return seconds >= 60
      ? this.say("minutes", { n: Math.round(seconds / 60) })
      : this.say("seconds", { n: Math.round(seconds) });
  }

  quoted(text: string): string {
    return this.say("quoted", { text });
  }
}

/** Seconds as m:ss, from an hour on as h:mm:ss. */
export function clock(seconds: number): string {
  const whole = Math.max(Math.floor(seconds), 0);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** An identifier as a person reads it, and nothing longer than a line. */
export function readable(name: string): string {
  const text = spaced(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function spaced(name: string): string {
  return name.replace(/[_-]+/g, " ").slice(0, 120);
}
