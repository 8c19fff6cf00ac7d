import { describe, expect, test } from "vitest";
import { originOf } from "../src/frame/parent_page.js";
import { FROM_FRAME, FROM_PARENT, read } from "../src/frame/wire.js";

const LONG = "x".repeat(15_000);

describe("what comes from the frame", () => {
  test.each([
    { type: "answers", method: "coach_nudge", answers: true },
    { type: "answer", id: 1, payload: "shown" },
    { type: "refuse", id: 1, code: 4403, message: "not available" },
    { type: "call", id: 2, identity: "cornerman-1", method: "coach_ask", payload: "{}", timeout: 4000 },
    { type: "hidden", id: 0 },
  ])("$type is read", (message) => {
    expect(read(FROM_FRAME, message)).toEqual(message);
  });

  test.each([
    null,
    undefined,
    "answer",
    42,
    [],
    {},
    { type: "toString" },
    { type: "__proto__" },
    { type: ["hidden"], id: 1 },
    { type: "hidden" },
    { type: "hidden", id: -1 },
    { type: "hidden", id: 1.5 },
    { type: "hidden", id: Number.NaN },
    { type: "hidden", id: "1" },
    { type: "answer", id: 1, payload: LONG },
    { type: "answer", id: 1, payload: { toString: "x" } },
    { type: "call", id: 1, identity: "x".repeat(600), method: "m", payload: "", timeout: 1 },
    { type: "refuse", id: 1, code: 1, message: "x".repeat(300) },
    { type: "room", status: "connected", left: null },
  ])("%j is dropped", (message) => {
    expect(read(FROM_FRAME, message)).toBeNull();
  });

  test("fields beyond the table are left out", () => {
    expect(read(FROM_FRAME, { type: "hidden", id: 1, more: LONG })).toEqual({ type: "hidden", id: 1 });
  });
});

describe("what comes from the parent", () => {
  test.each([
    { type: "room", status: "connected", left: null },
    { type: "room", status: "disconnected", left: 2 },
    { type: "coaches", coaches: [{ identity: "cornerman-1", agent: true }] },
    { type: "incoming", id: 1, caller: "cornerman-1", method: "coach_nudge", payload: "{}" },
    { type: "captured", id: 1, surface: null, mark: "none" },
    { type: "captured", id: 1, surface: "browser", mark: "own" },
    { type: "closed" },
  ])("$type is read", (message) => {
    expect(read(FROM_PARENT, message)).toEqual(message);
  });

  test.each([
    { type: "room", status: "fine", left: null },
    { type: "room", status: "connected" },
    { type: "coaches", coaches: "cornerman-1" },
    { type: "coaches", coaches: [null] },
    { type: "coaches", coaches: [{ identity: "cornerman-1", agent: "yes" }] },
    {
      type: "coaches",
      coaches: Array.from({ length: 17 }, () => ({ identity: "cornerman-1", agent: true })),
    },
    { type: "captured", id: 1, surface: "painting", mark: "none" },
    { type: "captured", id: 1, surface: "browser", mark: "mine" },
    { type: "incoming", id: 1, caller: "cornerman-1", method: "coach_nudge", payload: LONG },
  ])("%j is dropped", (message) => {
    expect(read(FROM_PARENT, message)).toBeNull();
  });
});

test.each(["https://app.example.com", "http://127.0.0.1:8080"])("%s is an origin", (origin) => {
  expect(originOf(origin)).toBe(origin);
});

test.each([
  null,
  "",
  "*",
  "null",
  "app.example.com",
  "https://app.example.com/",
  "file:///tmp",
  "javascript:alert(1)",
])("%s is no origin", (written) => {
  expect(originOf(written)).toBeNull();
});
