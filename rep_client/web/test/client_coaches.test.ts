/** Whom the client believes to be the coach, and which of several coaches it obeys. */
import { beforeEach, expect, test } from "vitest";
import { Coaches, REMEMBERED } from "../src/client/coaches.js";

let listed: Map<string, boolean>;
let coaches: Coaches;

beforeEach(() => {
  listed = new Map();
  coaches = new Coaches("cornerman-", (identity) => listed.get(identity) ?? null);
});

test("an empty prefix is not accepted", () => {
  expect(() => new Coaches("", () => null)).toThrow("every caller");
});

test.each(["", "prospect", "Cornerman-1", " cornerman-1", "cornerman", "cornerman-"])(
  "nobody without the prefix is trusted, even as an agent: %j",
  (identity) => {
    listed.set(identity, true);
    expect(coaches.trusts(identity)).toBe(false);
  },
);

test("a caller is trusted before it is listed, and never once it is listed as no agent", () => {
  expect(coaches.trusts("cornerman-x")).toBe(true);
  expect(coaches.obeys("cornerman-x", 1)).toBe(true);
  listed.set("cornerman-x", false);
  expect(coaches.trusts("cornerman-x")).toBe(false);
  expect(coaches.leader).toBeNull();
  listed.delete("cornerman-x");
  expect(coaches.trusts("cornerman-x")).toBe(false);
  listed.set("cornerman-x", true);
  expect(coaches.trusts("cornerman-x")).toBe(true);
});

test("a newcomer leads once it speaks for as high a segment", () => {
  expect(coaches.obeys("cornerman-a", 2)).toBe(true);
  coaches.meet("cornerman-b");
  expect(coaches.leader).toBe("cornerman-a");
  expect(coaches.obeys("cornerman-b", 1)).toBe(false);
  expect(coaches.obeys("cornerman-b", 2)).toBe(true);
  expect(coaches.obeys("cornerman-a", 2)).toBe(false);
  expect(coaches.obeys("cornerman-a", 3)).toBe(true);
});

test("a coach that left does not keep its successor out", () => {
  coaches.obeys("cornerman-a", 5);
  coaches.part("cornerman-a");
  expect(coaches.obeys("cornerman-b", 1)).toBe(true);
});

test("no lower segment is ever obeyed, in whatever order coaches claim", () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  for (let round = 0; round < 200; round += 1) {
    const claimed = new Map<string, number>();
    const some = new Coaches("cornerman-", () => null);
    for (let claim = 0; claim < 12; claim += 1) {
      const coach = `cornerman-${random(5)}`;
      claimed.set(coach, Math.max(random(10), claimed.get(coach) ?? 0));
      const highest = Math.max(...claimed.values());
      const obeyed = some.obeys(coach, claimed.get(coach) ?? 0);
      if (obeyed) expect(claimed.get(coach)).toBe(highest);
      expect(claimed.get(some.leader ?? "")).toBe(highest);
    }
  }
});

test("a flood of identities is bounded and keeps the leader", () => {
  coaches.obeys("cornerman-real", 7);
  for (let number = 0; number < 10 * REMEMBERED; number += 1) coaches.meet(`cornerman-${number}`);
  expect(coaches.known.length).toBeLessThanOrEqual(REMEMBERED);
  expect(coaches.leader).toBe("cornerman-real");
});
