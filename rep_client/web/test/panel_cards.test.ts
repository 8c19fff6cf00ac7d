/** Cards: what is shown of them, how they stream, and what the rep can do with them. */
import { expect, it } from "vitest";
import { all, feedback, played, seenText, until, wholeText } from "./played_panel.js";

const THINKING = { status: "thinking", final: false } as const;

it("shows the words that fired a card, marked, with who said them and when", async () => {
  const stage = await played();
  await stage.card();
  const cause = stage.find("[part=cause]");
  expect(cause.textContent).toContain("Dana Reyes · 6:01");
  expect(cause.querySelector("mark")?.textContent).toBe("“honestly that is too expensive for us”");
});

it("learns a name that becomes known later", async () => {
  const stage = await played({ state: { participants: [] } });
  await stage.card();
  expect(stage.find("[part=cause]").textContent).toContain("Prospect · 6:01");
  const dana = { identity: "dana", name: "Dana Reyes", role: "prospect", present: true } as const;
  await stage.room.coachSays.state({
    participants: [
      { ...dana, consent: "granted", heard: true, why: "", provider: "", behind_s: 0, lost_s: 0 },
    ],
  });
  expect(stage.find("[part=cause]").textContent).toContain("Dana Reyes · 6:01");
});

it("words gauges, questions and the screen", async () => {
  const stage = await played();
  await stage.card({ because: [{ type: "gauge", name: "talk_ratio", value: 0.68, window: 600 }] });
  expect(stage.find("[part=causes]").textContent).toBe("You spoke 68% of the last 10 min");
  await stage.card({ rev: 1, because: [{ type: "frame", at: 340, hash: "x" }] });
  expect(stage.find("[part=causes]").textContent).toBe("On your screen at 5:40");
  await stage.card({ rev: 2, because: [{ type: "gauge", name: "own_gauge", value: 3.14, window: 60 }] });
  expect(stage.find("[part=causes]").textContent).toBe("Own gauge: 3.1");
});

it("never makes markup or a link of what came over the wire", async () => {
  const stage = await played();
  const hostile = '<img src=x onerror="window.broken=1"><a href="javascript:1">x</a>';
  const words = {
    type: "words",
    speaker: hostile,
    role: "prospect",
    start: 1,
    end: 2,
    quote: hostile,
  } as const;
  await stage.card({
    headline: hostile,
    detail: hostile.repeat(4),
    kind: hostile,
    because: [words],
    sources: [{ id: hostile, title: hostile, locator: hostile }],
    action: { id: "x", label: "<b>do it</b>" },
  });
  await stage.room.coachSays.state({
    stage: hostile,
    trouble: [hostile],
    checklist: { [hostile]: true },
    participants: [{ ...stage.session.state?.participants[0], name: hostile } as never],
  });
  stage.room.coachAnswers("coach_source", () => ({
    v: 1,
    id: "x",
    title: hostile,
    text: hostile,
    cut: false,
  }));
  stage.room.coachAnswers("coach_notes", () => ({
    v: 1,
    page: 1,
    pages: 1,
    markdown: `# ${hostile}\n- ${hostile}`,
  }));
  stage.press("source");
  await until(() => all(stage, ".source-text").length);
  stage.press("notes");
  await until(() => all(stage, ".text h3").length);
  expect(stage.find("[part=headline]").textContent).toBe(hostile);
  expect(all(stage, "img, a, script, iframe, object, b, [onerror], [href], [src]")).toEqual([]);
  expect("broken" in window).toBe(false);
});

it("cuts what is longer than a glance", async () => {
  const stage = await played();
  // The client refuses such a card; the panel does not rely on it.
  const nudge = {
    ...(await import("../pages/states/call.js")).CARD,
    headline: "h".repeat(5000),
    detail: "d".repeat(90_000),
  };
  await stage.session.painter?.(nudge);
  expect(stage.find("[part=headline]").textContent).toHaveLength(80);
  expect(stage.find("[part=detail]").textContent).toHaveLength(400);
});

it("moves nothing while words stream", async () => {
  const stage = await played();
  await stage.card({ id: "1-1", headline: "An earlier card" });
  await stage.card();
  const watched = () =>
    [".earlier", ".newest .tools", ".newest .card"].map((one) => stage.find(one).getBoundingClientRect().top);
  await Promise.all(stage.panel.shadowRoot?.getAnimations().map((one) => one.finished) ?? []);
  const before = watched();
  const offsets: number[][] = [];
  await stage.card({ ...THINKING, rev: 1 });
  const words =
    "Dana named forty hours of manual routing a week. Ask her which number the board sees first.".split(" ");
  for (let at = 0; at <= words.length; at += 3) {
    await stage.card({
      rev: at + 2,
      final: false,
      headline: "Anchor on forty hours",
      detail: words.slice(0, at).join(" "),
    });
    offsets.push(watched());
  }
  await stage.card({ rev: 100, headline: "Anchor on forty hours", detail: words.slice(0, 4).join(" ") });
  offsets.push(watched());
  expect(offsets.length).toBeGreaterThan(5);
  for (const now of offsets) expect(now).toEqual(before);
});

it("only grows where streamed words need more room than was kept", async () => {
  const stage = await played();
  await stage.card({ id: "1-1", headline: "An earlier card" });
  await stage.card({ ...THINKING, detail: "" });
  const tops: number[] = [];
  const long = "A sentence of the detail that is long enough to matter. ".repeat(7);
  for (const [rev, length] of [390, 60, 395, 0, 200].entries()) {
    await stage.card({ rev: rev + 1, final: rev === 4, detail: long.slice(0, length) });
    tops.push(stage.find(".earlier").getBoundingClientRect().top);
  }
  expect(tops).toEqual(tops.toSorted((one, other) => one - other));
});

it("withdraws a card without leaving a word of it", async () => {
  const stage = await played();
  await stage.card({ headline: "Secret headline", detail: "Secret detail" });
  expect(wholeText(stage)).toContain("Secret");
  await stage.card({ rev: 1, status: "withdrawn", headline: "Withdrawn", detail: "" });
  expect(wholeText(stage)).not.toContain("Secret");
  expect(wholeText(stage)).not.toContain("too expensive");
  await until(() => all(stage, ".card, [data-leaving]").length === 0);
  expect(seenText(stage)).toContain("Nothing to add right now.");
});

it("says nothing of a withdrawn card it never showed", async () => {
  const stage = await played();
  await stage.card({ status: "withdrawn", headline: "Withdrawn" });
  expect(all(stage, ".card")).toEqual([]);
});

it("gives the large place back to a card that still lives when the newest goes", async () => {
  const stage = await played();
  await stage.card({ id: "1-1", headline: "First" });
  await stage.card({ id: "1-2", headline: "Second" });
  stage.press("dismiss");
  expect(stage.find(".newest [part=headline]").textContent).toBe("First");
  expect(feedback(stage)).toEqual(["1-2 dismissed"]);
});

it("fades a stale card, and not a pinned one", async () => {
  const stage = await played();
  await stage.card({ ttl_ms: 30 });
  const card = stage.find(".card");
  await until(() => card.hasAttribute("data-stale"));
  stage.press("pin");
  expect(card.hasAttribute("data-stale")).toBe(false);
  await stage.card({ id: "1-10", ttl_ms: 1 });
  await until(() => all(stage, "[data-stale]").length === 1);
  expect(card.hasAttribute("data-stale")).toBe(false);
  expect(feedback(stage)).toEqual(["1-9 pinned"]);
});

it("keeps pinned cards at the top of the earlier ones", async () => {
  const stage = await played();
  for (let at = 1; at <= 4; at += 1) {
    await stage.card({ id: `1-${at}`, headline: `Card ${at}` });
    if (at === 1) stage.press("pin");
  }
  expect(all(stage, ".rows [part=headline]").map((one) => one.textContent)).toEqual([
    "Card 1",
    "Card 3",
    "Card 2",
  ]);
});

it("keeps fifty cards of a thousand, and a flat tree", async () => {
  const stage = await played();
  const sizes: number[] = [];
  for (let at = 1; at <= 1000; at += 1) {
    void stage.card({ id: `1-${at}`, headline: `Card ${at}` });
    if (at % 100 === 0) {
      await new Promise((resolve) => setTimeout(resolve));
      sizes.push(all(stage, "*").length);
    }
  }
  expect(all(stage, ".card")).toHaveLength(50);
  expect(new Set(sizes).size).toBe(1);
  expect(all(stage, ".spoken p").length).toBeLessThanOrEqual(6);
});

it("opens a source in place, goes there, and comes back", async () => {
  const stage = await played();
  await stage.card();
  const button = stage.find("[part=source]");
  button.click();
  await until(() => all(stage, ".source-text").length);
  expect(stage.find(".source-text").textContent).toContain("First listen.");
  expect(stage.panel.shadowRoot?.activeElement?.textContent).toBe("Price objection");
  stage.press("back");
  expect(all(stage, ".source-text")).toEqual([]);
  expect(stage.panel.shadowRoot?.activeElement).toBe(button);
});

it("confirms the one action, once, and says when that failed", async () => {
  const stage = await played();
  await stage.card({ action: { id: "log", label: "Log it" } });
  const action = stage.find("[part=action]");
  action.click();
  expect(action.textContent).toBe("Working on it");
  await until(() => feedback(stage).length);
  expect(feedback(stage)).toEqual(["1-9 confirm"]);
  stage.press("confirm");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(feedback(stage)).toEqual(["1-9 confirm"]);
  await stage.card({ rev: 1, detail: "Logged.", action: null });
  expect(action.hidden).toBe(true);
});

it("tells the rep what did not reach the coach", async () => {
  const stage = await played();
  stage.room.coachAnswers("coach_feedback", () => {
    throw new Error("gone");
  });
  await stage.card();
  stage.press("useful");
  await until(() => seenText(stage).includes("That did not reach the coach."));
});

it("keeps the focus while cards come and change", async () => {
  const stage = await played();
  await stage.card({ id: "1-1" });
  const pin = stage.find(".newest [part=tool][aria-label=Pin]");
  pin.focus();
  await stage.card({ id: "1-1", rev: 1, headline: "Other words" });
  await stage.card({ id: "1-2" });
  await stage.card({ id: "1-3" });
  expect(stage.panel.shadowRoot?.activeElement).toBe(pin);
  expect(pin.getClientRects()).not.toHaveLength(0);
});

it("moves the focus on when its card is dismissed", async () => {
  const stage = await played();
  await stage.card({ id: "1-1" });
  await stage.card({ id: "1-2" });
  stage.find(".newest .card").focus();
  stage.press("dismiss");
  expect(stage.panel.shadowRoot?.activeElement).toBe(stage.find(".newest .card"));
});

it("says one sentence for a card and one for its final words, none between", async () => {
  const stage = await played();
  const said: string[] = [];
  const log = stage.find("[role=log]");
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) said.push(node.textContent ?? "");
  }).observe(log, { childList: true });
  await stage.card({ ...THINKING, headline: "Plain words" });
  for (let rev = 1; rev < 6; rev += 1)
    await stage.card({ rev, final: false, headline: "Streamed", detail: "x".repeat(rev) });
  await stage.card({ rev: 6, headline: "Streamed", detail: "All of it." });
  expect(said).toEqual(["Price objection: Plain words", "Price objection: Streamed. All of it."]);
  expect(log.getAttribute("aria-live")).toBe("polite");
});

it("does not show a dismissed card again, and says so", async () => {
  const stage = await played();
  await stage.card();
  stage.press("dismiss");
  expect(await stage.card({ rev: 1, headline: "Again" })).toBe("hidden");
  expect(all(stage, ".card")).toEqual([]);
});

it("keeps cards and pins when it is moved in the page", async () => {
  const stage = await played();
  await stage.card();
  stage.press("pin");
  const place = stage.panel.parentElement;
  stage.panel.remove();
  place?.append(stage.panel);
  expect(stage.find(".newest .card").hasAttribute("data-pinned")).toBe(true);
});
