/**
 * What a framed panel and the page around it say to each other: small typed objects over a private `MessagePort`, each
 * checked on arrival on both sides. What is not in the tables below, or larger, is dropped without a word.
 *
 * The frame says `ready` to the one origin it was told, by window message, until it is handed a port; that is all that
 * ever goes over window messages.
 */
import { MAX_PAYLOAD_BYTES } from "../contract.js";

/** Names the two window messages; another number is another protocol. */
export const READY = "cornerman.frame.ready.1";
export const CONNECT = "cornerman.frame.connect.1";

/** `visit` is drawn anew by every page that loads in the frame, so that saying it twice is not two pages. */
export interface Ready {
  readonly type: typeof READY;
  readonly visit: string;
}

type Check<Value> = (value: unknown) => value is Value;
type Fields = Readonly<Record<string, Check<unknown>>>;
type Table = Readonly<Record<string, Fields>>;
type Content<Shape extends Fields> = {
  readonly [Field in keyof Shape]: Shape[Field] extends Check<infer Value> ? Value : never;
};
export type Said<Messages extends Table> = {
  [Type in keyof Messages]: { readonly type: Type } & Content<Messages[Type]>;
}[keyof Messages];

const LONGEST_IDENTITY = 512;
/** The most coaches a room is said to have; a room has one, and for a moment two. */
export const MOST_COACHES = 16;

const text =
  (longest: number): Check<string> =>
  (value): value is string =>
    typeof value === "string" && value.length <= longest;
const oneOf =
  <const Word extends string>(...words: readonly Word[]): Check<Word> =>
  (value): value is Word =>
    words.some((word) => word === value);
const count: Check<number> = (value): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
const flag: Check<boolean> = (value): value is boolean => typeof value === "boolean";
const orNull =
  <Value>(check: Check<Value>): Check<Value | null> =>
  (value): value is Value | null =>
    value === null || check(value);
const listed: Check<readonly Listed[]> = (value): value is readonly Listed[] =>
  Array.isArray(value) &&
  value.length <= MOST_COACHES &&
  value.every((one: unknown) => fits(ONE_LISTED, one));

/** A participant with the coach's prefix, as the room lists it. Others are none of the frame's business. */
export interface Listed {
  readonly identity: string;
  readonly agent: boolean;
}

const identity = text(LONGEST_IDENTITY);
const payload = text(MAX_PAYLOAD_BYTES);
const words = text(256);
const method = text(64);
const ONE_LISTED: Fields = { identity, agent: flag };

/** Parent to frame. */
export const FROM_PARENT = {
  /** How the room stands; `left` is LiveKit's number for why, when it was left for good (0: not said). */
  room: { status: oneOf("connecting", "connected", "reconnecting", "disconnected"), left: orNull(count) },
  coaches: { coaches: listed },
  /** Somebody calls a method of the rep's; answered by `answer` or `refuse` of the same id. */
  incoming: { id: count, caller: identity, method, payload },
  /** What became of a `call`. */
  answered: { id: count, payload },
  failed: { id: count, code: count, message: words },
  /** A share is being chosen; answered by `hidden` once the panel is painted away. */
  choosing: { id: count },
  captured: {
    id: count,
    surface: orNull(oneOf("monitor", "window", "browser")),
    mark: oneOf("own", "other", "none"),
  },
  ended: { id: count },
  /** The bridge was closed. */
  closed: {},
} as const satisfies Table;

/** Frame to parent. */
export const FROM_FRAME = {
  /** The frame answers this method from now on, or no more. */
  answers: { method, answers: flag },
  answer: { id: count, payload },
  refuse: { id: count, code: count, message: words },
  /** Calls a coach; `timeout` in milliseconds. */
  call: { id: count, identity, method, payload, timeout: count },
  hidden: { id: count },
} as const satisfies Table;

export type FromParent = Said<typeof FROM_PARENT>;
export type FromFrame = Said<typeof FROM_FRAME>;

/** The message, if it is one of this table; fields beyond it are left out. Null for everything else. */
export function read<Messages extends Table>(table: Messages, value: unknown): Said<Messages> | null {
  if (typeof value !== "object" || value === null) return null;
  const type = (value as { type?: unknown }).type;
  if (typeof type !== "string" || !Object.hasOwn(table, type)) return null;
  const fields = table[type];
  if (!fields || !fits(fields, value)) return null;
  const kept = Object.keys(fields).map((name) => [name, (value as Record<string, unknown>)[name]]);
  return { ...Object.fromEntries(kept), type } as Said<Messages>;
}

/** Cuts what others wrote to what the wire carries. */
export function short(message: unknown): string {
  return (typeof message === "string" ? message : "").slice(0, 256);
}

function fits(fields: Fields, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(fields).every(([name, check]) => check((value as Record<string, unknown>)[name]));
}
