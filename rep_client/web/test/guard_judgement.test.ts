import { describe, expect, test } from "vitest";
import {
  judge,
  type Mark,
  type Share,
  type Surface,
  sharingOf,
  surfaceOf,
  type Verdict,
} from "../src/guard/judgement.js";
import type { Sharing } from "../src/guard/sharing.js";

const JUDGED: readonly [Surface | null, Mark, Verdict][] = [
  ["monitor", "none", "monitor"],
  ["monitor", "own", "monitor"],
  ["monitor", "other", "monitor"],
  ["window", "none", "window"],
  ["window", "other", "window"],
  ["browser", "own", "own_tab"],
  ["browser", "other", "other_tab"],
  ["browser", "none", "unmarked_tab"],
  [null, "none", "unknown"],
  [null, "own", "unknown"],
  [null, "other", "unknown"],
];

test.each(JUDGED)("a %s with mark %s is judged %s", (surface, mark, verdict) => {
  expect(judge({ surface, mark })).toBe(verdict);
});

test.each([undefined, null, "", "application", 1, {}])("a surface called %j is not known", (name) => {
  expect(surfaceOf(name)).toBeNull();
});

const share = (verdict: Verdict, cleared = false): Share => ({ verdict, cleared });
const discreet = (reason: Sharing["reason"]): Sharing => ({ discreet: true, reason, cleared: false });
const open = (reason: Sharing["reason"], cleared = false): Sharing => ({ discreet: false, reason, cleared });

describe("all shares together", () => {
  const together: readonly [string, readonly Share[], Sharing][] = [
    ["nothing shared", [], open(null)],
    ["a share being chosen", [share("choosing")], discreet("choosing")],
    ["another tab", [share("other_tab")], open("other_tab")],
    ["a monitor", [share("monitor")], discreet("monitor")],
    ["a monitor that was cleared", [share("monitor", true)], open("monitor", true)],
    ["another tab and a window", [share("other_tab"), share("window")], discreet("window")],
    ["a cleared monitor and a new choice", [share("monitor", true), share("choosing")], discreet("choosing")],
    [
      "a cleared monitor and an uncleared tab",
      [share("monitor", true), share("own_tab")],
      discreet("own_tab"),
    ],
    ["a window before a tab", [share("unmarked_tab"), share("window")], discreet("window")],
    ["a cleared window and another tab", [share("other_tab"), share("window", true)], open("window", true)],
  ];
  test.each(together)("%s", (_name, shares, sharing) => {
    expect(sharingOf(shares)).toEqual(sharing);
  });
});
