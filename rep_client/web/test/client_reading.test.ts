/** What the client refuses to read, and that refusing never says what was sent. */
import { describe, expect, test } from "vitest";
import {
  BAD_REQUEST_TEXT,
  read,
  readNudge,
  readState,
  segmentOf,
  showable,
  Unreadable,
  written,
} from "../src/client/reading.js";
import { MAX_PAYLOAD_BYTES } from "../src/contract.js";
import { INSIGHTS, LOG_OUTCOME, nudge, state, words } from "./fixtures.js";

const HOSTILE = [
  "\x00",
  "\x07",
  "\x1b[2J",
  "\x7f",
  "\x9b31m",
  "\u2028",
  "\u202e",
  "\u2066",
  "\ufeff",
  "\ud800",
];

function payload(change: Record<string, unknown> = {}): string {
  return JSON.stringify({ ...nudge(), ...change });
}

describe("a nudge", () => {
  test("is read whole, and unknown fields are left out", () => {
    const sent = nudge({ action: LOG_OUTCOME, id: "12-3" });
    const taken = readNudge(JSON.stringify({ ...sent, since_version_2: { a: "\x00" } }));
    expect(taken).toEqual(sent);
    expect(segmentOf(taken)).toBe(12);
  });

  test("holds defaults where the coach left fields out", () => {
    const { v, final, status, detail, action, ...needed } = nudge();
    expect(readNudge(JSON.stringify(needed))).toEqual({
      ...needed,
      v: 1,
      final: true,
      status: "live",
      detail: "",
      action: null,
    });
  });

  test("may be written in letters of every script", () => {
    const headline = "Größe, שלום\u200f, नमस्ते\u200d, 価格 👩\u200d💼";
    expect(readNudge(payload({ headline })).headline).toBe(headline);
  });

  test("counts characters as a person does", () => {
    expect(readNudge(payload({ headline: "👩".repeat(80) })).headline).toHaveLength(160);
    expect(() => readNudge(payload({ headline: "👩".repeat(81) }))).toThrow(Unreadable);
  });

  test.each(HOSTILE)("is refused with text that could act on a screen: %j", (hostile) => {
    for (const field of ["id", "kind", "headline", "detail"])
      expect(() => readNudge(payload({ [field]: `1-1${hostile}` })), field).toThrow(Unreadable);
  });

  test.each([...HOSTILE, "\n"])(
    "is refused where a quote, a speaker, a source or a label holds %j",
    (hostile) => {
      const text = `a${hostile}b`;
      for (const change of [
        { because: [words({ quote: text })] },
        { because: [words({ speaker: text })] },
        { sources: [{ id: "a", title: text, locator: "b" }] },
        { action: { id: "log", label: text } },
      ])
        expect(() => readNudge(payload(change))).toThrow(Unreadable);
    },
  );

  test.each(["1e999", "-1e999", "1e300", "NaN"])(
    "is refused with a time that cannot be shown: %s",
    (number) => {
      const text = payload().replace('"start":61.2', `"start":${number}`);
      expect(text).toContain(number);
      expect(() => readNudge(text)).toThrow(Unreadable);
    },
  );

  test.each(["", "1", "1-", "-1", "a-1", "1-a b", "1-../x", "-1-1", "٣-1", "1111111111-1", "1-1\n"])(
    "is refused with an id that names no segment: %j",
    (id) => {
      expect(() => readNudge(payload({ id }))).toThrow(Unreadable);
    },
  );

  test.each([0, 2, "2", null, [1]])("is refused in another version: %j", (v) => {
    expect(() => readNudge(payload({ v }))).toThrow(Unreadable);
  });

  test.each([
    { headline: "   " },
    { headline: "" },
    { headline: "x".repeat(81) },
    { detail: "x".repeat(401) },
    { priority: 1001 },
    { priority: 0.5 },
    { rev: -1 },
    { rev: "0" },
    { final: 1 },
    { status: "unheard of" },
    { because: [] },
    { because: {} },
    { because: [{ type: "constructor" }] },
    { because: [{ ...words(), type: "gauge" }] },
    { because: [{ ...words(), role: "boss" }] },
    { sources: [] },
    { sources: [null] },
    { timing: null },
    { action: { id: "log", label: "x".repeat(41) } },
  ])("is refused where a field is out of its bounds: %j", (change) => {
    expect(() => readNudge(payload(change))).toThrow(Unreadable);
  });

  test("is refused over the limit of bytes, not of letters", () => {
    const letters = (MAX_PAYLOAD_BYTES - payload({ unknown: "" }).length) >> 1;
    expect(readNudge(payload({ unknown: "ü".repeat(letters) })).id).toBe("1-1");
    expect(() => readNudge(payload({ unknown: "ü".repeat(letters + 1) }))).toThrow(Unreadable);
  });

  test.each([
    "",
    "SECRET not JSON",
    '"SECRET"',
    "null",
    "[]",
    "[".repeat(5000),
    '{"headline": "SECRET"}',
    "\ufeff{}",
  ])("that is none is refused with the same words: %j", (text) => {
    const refusal = (() => {
      try {
        return readNudge(text);
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(Unreadable);
    expect(refusal).toMatchObject({ message: BAD_REQUEST_TEXT });
    expect(refusal).not.toHaveProperty("cause");
  });
});

describe("other messages", () => {
  test("a state is read and checked likewise", () => {
    const sent = state({ insights: INSIGHTS, screen: { watching: true, why: "", last: 12.5 } });
    expect(readState(JSON.stringify(sent))).toEqual(sent);
    for (const wrong of [
      { trouble: ["\x1b]0;"] },
      { gauges: { "\u202e": 1 } },
      { gauges: { talk_ratio: "much" } },
      { checklist: { budget: 1 } },
      { stage: "a\nb" },
      { status: "unheard of" },
      { insights: { ...INSIGHTS, intent: 101 } },
      { participants: [{}] },
    ])
      expect(() => readState(JSON.stringify({ ...sent, ...wrong })), JSON.stringify(wrong)).toThrow(
        Unreadable,
      );
  });

  test("names from the wire never become an object's own nature", () => {
    const read = readState(
      JSON.stringify(state()).replace('"gauges":{', '"gauges":{"__proto__":1,"constructor":2,'),
    );
    expect(Object.getPrototypeOf(read.gauges)).toBe(Object.prototype);
    expect(Object.keys(read.gauges)).toEqual([
      "__proto__",
      "constructor",
      "talk_ratio",
      "monologue_s",
      "pace_wpm",
    ]);
  });

  test("long text may have line breaks, and nothing else of that kind", () => {
    const text = { v: 1, id: "a", title: "t", text: "one\n\ttwo", cut: false };
    expect(read("SourceText", JSON.stringify(text)).text).toBe("one\n\ttwo");
    expect(() => read("SourceText", JSON.stringify({ ...text, text: "one\rtwo" }))).toThrow(Unreadable);
    expect(() => read("SourceText", JSON.stringify({ ...text, title: "one\ntwo" }))).toThrow(Unreadable);
  });

  test("what is sent has its defaults, and a field out of its bounds is named", () => {
    expect(JSON.parse(written("Ask", { question: "What now?" }))).toEqual({ v: 1, question: "What now?" });
    expect(() => written("Ask", { question: "" })).toThrow("Ask.question");
    expect(() => written("ConsentRequest", { identities: [], granted: true })).toThrow(
      "ConsentRequest.identities",
    );
  });

  test("showable text is short and stays as it is when shown again", () => {
    const shown = showable(`no such source \x1b[2J\u202e${"x".repeat(300)}`);
    expect(shown).toHaveLength(200);
    expect(shown).not.toMatch(/\p{Cc}|\u202e/u);
    expect(showable(shown)).toBe(shown);
  });
});
