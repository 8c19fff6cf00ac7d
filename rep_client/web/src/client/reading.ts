/**
 * Reads what came over the wire, and refuses what no screen should be asked to show.
 *
 * A JSON text goes in, a message of the contract comes out, its defaults filled in and what the contract does not know
 * left out. Everything is checked: size, shape, version, numbers that can be formatted, and text without control
 * characters or direction overrides, which could make a card read as something it is not. `Unreadable` never carries
 * any of the payload.
 */
import {
  BAD_REQUEST_CODE,
  MAX_PAYLOAD_BYTES,
  type Models,
  type Nudge,
  type Shape,
  type State,
  shapes,
} from "../contract.js";
import { Refusal } from "./room.js";

export const BAD_REQUEST_TEXT = "unreadable request";

const LARGEST_NUMBER = 1_000_000_000;
const LONG_TEXT = new Set(["detail", "markdown", "text"]);
const NUDGE_ID = /^([0-9]{1,9})-[0-9A-Za-z._-]{1,60}$/;
/** Control characters, halves of a character, line separators, direction overrides and isolates, the byte order mark. */
const UNSHOWABLE = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** The payload cannot be used. Its sender is told so in fixed words: nothing that was sent is echoed. */
export class Unreadable extends Refusal {
  constructor() {
    super(BAD_REQUEST_CODE, BAD_REQUEST_TEXT);
  }
}

/** The nudge in a `coach_nudge` request. Throws `Unreadable` if it is not one this client would show. */
export function readNudge(payload: string): Nudge {
  const nudge = read("Nudge", payload);
  if (!NUDGE_ID.test(nudge.id) || !nudge.headline.trim()) throw new Unreadable();
  return nudge;
}

/** The call state in a `coach_state` request or in an answer. Throws `Unreadable` if it is not in the contract. */
export function readState(payload: string): State {
  return read("State", payload);
}

/** A message of the given kind. Throws `Unreadable` if it is too large, malformed, or not fit to be shown. */
export function read<Name extends keyof Models>(kind: Name, payload: string): Models[Name] {
  if (!fits(payload)) throw new Unreadable();
  try {
    const message = model(kind, JSON.parse(payload));
    if (showableAll(message)) return message as unknown as Models[Name];
  } catch {
    // What was wrong is left out: it would quote what was sent.
  }
  throw new Unreadable();
}

/** A message as it is sent, defaults filled in. Throws a `TypeError` naming the field that is not in the contract. */
export function written<Name extends keyof Models>(kind: Name, message: Models[Name]): string {
  return JSON.stringify(model(kind, message));
}

/** Whether this many bytes travel in one message. */
export function fits(payload: string): boolean {
  return payload.length <= MAX_PAYLOAD_BYTES && new TextEncoder().encode(payload).length <= MAX_PAYLOAD_BYTES;
}

/** The journal segment a nudge's id was minted in: clients obey the highest only. */
export function segmentOf(nudge: Nudge): number {
  return Number.parseInt(nudge.id, 10);
}

/** The text as one line fit for any screen: what could not be shown is replaced, what is too long is cut. */
export function showable(text: string, limit = 200): string {
  return [...text].slice(0, limit).join("").replace(UNSHOWABLE, "\ufffd");
}

function model(kind: string, value: unknown): Record<string, unknown> {
  const fields = own(shapes, kind) as (typeof shapes)[string] | undefined;
  if (!fields || !isObject(value)) throw new TypeError(`${kind} is not as the contract wants it`);
  return Object.fromEntries(
    Object.entries(fields).map(([name, shape]) => [name, field(shape, own(value, name), `${kind}.${name}`)]),
  );
}

/** The value of one field, as the contract wants it. */
function field(shape: Shape, value: unknown, name: string): unknown {
  if (value === undefined && "otherwise" in shape) return shape.otherwise;
  if (value === null && shape.nullable) return null;
  switch (shape.is) {
    case "model":
      return model(shape.of, value);
    case "union":
      return model(String(isObject(value) && own(shape.of, String(own(value, "type")))), value);
    case "list":
      if (Array.isArray(value) && within(shape, value.length))
        return value.map((each) => field(shape.of, each, name));
      break;
    case "map":
      if (isObject(value))
        return Object.fromEntries(
          Object.entries(value).map(([key, each]) => [key, field(shape.of, each, name)]),
        );
      break;
    case "literal":
      if (shape.of.includes(value)) return value;
      break;
    case "text":
      // Characters are counted, not the pairs JavaScript makes of some of them.
      if (typeof value === "string" && within(shape, [...value].length)) return value;
      break;
    case "flag":
      if (typeof value === "boolean") return value;
      break;
    default:
      if (typeof value === "number" && within(shape, value))
        if (shape.is === "number" || Number.isInteger(value)) return value;
  }
  throw new TypeError(`${name} is not as the contract wants it`);
}

function within({ least = -Infinity, most = Infinity }: Shape, size: number): boolean {
  return size >= least && size <= most;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What an object itself has under this name: not what every object has, such as `constructor`. */
function own(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Whether all text below can be shown and all numbers can be formatted. Line breaks are for long text only. */
function showableAll(value: unknown, name = ""): boolean {
  if (typeof value === "string")
    return (LONG_TEXT.has(name) ? value.replace(/[\n\t]/g, "") : value).search(UNSHOWABLE) < 0;
  if (typeof value === "number") return Math.abs(value) <= LARGEST_NUMBER;
  if (Array.isArray(value)) return value.every((each) => showableAll(each, name));
  if (isObject(value))
    return Object.entries(value).every(([key, each]) => showableAll(key) && showableAll(each, key));
  return true;
}
