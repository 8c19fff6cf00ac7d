/** The call around the cards: consent, people, attention, questions, notes, how the line stands, and discretion. */
import { expect, it, vi } from "vitest";
import { DANA, REP, SAM, waiting } from "../pages/states/call.js";
import { de } from "../src/panel/strings/de.js";
import { en } from "../src/panel/strings/en.js";
import { fetchLanguage } from "../src/panel/words.js";
import { all, played, seenText, until, wholeText } from "./played_panel.js";

const START = { status: "waiting_for_consent", participants: [REP, DANA, SAM].map(waiting) } as const;

it("asks for consent with the text to read out, for those who are ticked", async () => {
  const stage = await played({ state: START });
  stage.panel.setAttribute("disclosure", "A machine listens.");
  expect(seenText(stage)).toContain("A machine listens.");
  expect(all(stage, ".step input")).toHaveLength(3);
  all(stage, ".step input")[2]?.click();
  stage.find("[part=consent-button]").click();
  const { request } = await stage.room.heard("coach_consent");
  expect(request).toMatchObject({ identities: ["rep", "dana"], granted: true, text: "A machine listens." });
  expect(request.how).not.toBe("");
});

it("keeps a box as it was ticked while the call state changes", async () => {
  const stage = await played({ state: START });
  const box = all(stage, ".step input")[2] as HTMLInputElement;
  box.click();
  box.focus();
  await stage.room.coachSays.state({
    ...START,
    participants: [REP, SAM, { ...DANA, identity: "kim" }].map(waiting),
  });
  expect(box.checked).toBe(false);
  expect(stage.panel.shadowRoot?.activeElement).toBe(box);
});

it("asks for a late comer in one line that opens", async () => {
  const stage = await played({ state: { participants: [REP, DANA, waiting(SAM)] } });
  expect(seenText(stage)).toContain("Sam Okafor: not heard yet");
  expect(stage.find(".step").hidden).toBe(true);
  stage.find(".late button").click();
  stage.find("[part=consent-button]").click();
  expect((await stage.room.heard("coach_consent")).request.identities).toEqual(["sam"]);
});

it("does not ask where the meeting itself does", async () => {
  const stage = await played({ state: { ...START, consent_mode: "each_participant" } });
  expect(all(stage, ".step input")).toEqual([]);
  expect(stage.find(".step").hidden).toBe(true);
  expect(seenText(stage)).toContain("asked by the meeting itself");
});

it("says who is heard and who is not, and why", async () => {
  const stage = await played({
    state: {
      participants: [REP, { ...DANA, behind_s: 4, lost_s: 2 }, { ...SAM, heard: false, why: "muted" }],
    },
  });
  expect(seenText(stage)).toContain("2 of 3 heard");
  stage.press("people");
  expect(seenText(stage)).toMatch(/4 s behind, 2 s lost/);
  expect(seenText(stage)).toMatch(/muted/);
});

it("takes consent back for one person, after asking once more", async () => {
  const stage = await played();
  stage.press("people");
  stage.find(".people li:nth-child(2) .icon").click();
  expect(stage.room.calls.some((call) => call.method === "coach_consent")).toBe(false);
  stage.find(".danger").click();
  expect((await stage.room.heard("coach_consent")).request).toMatchObject({
    identities: ["dana"],
    granted: false,
  });
});

it("asks the coach, and shows the question with the answer", async () => {
  const stage = await played();
  const field = stage.find("textarea") as HTMLTextAreaElement;
  expect(field.maxLength).toBe(2000);
  field.value = " What does it cost? ";
  field.dispatchEvent(new Event("input"));
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true }));
  expect((await stage.room.heard("coach_ask")).request.question).toBe("What does it cost?");
  await until(() => field.value === "");
  await stage.card({ kind: "answer", because: [{ type: "question", ask_id: "1-q1" }] });
  expect(stage.find("mark").textContent).toBe("“What does it cost?”");
});

it("keeps a question that did not reach the coach", async () => {
  const stage = await played();
  stage.room.coachAnswers("coach_ask", () => {
    throw new Error("gone");
  });
  const field = stage.find("textarea") as HTMLTextAreaElement;
  field.value = "Why?";
  field.dispatchEvent(new Event("input"));
  stage.find(".send").click();
  await until(() => seenText(stage).includes("did not reach"));
  expect(field.value).toBe("Why?");
});

it("reads notes as text, page by page", async () => {
  const stage = await played();
  stage.room.coachAnswers("coach_notes", ({ page }) => ({
    v: 1,
    page,
    pages: 2,
    markdown: `# Page\n\n- [x] done \\*item\\*\n- example\\.com on ${page}\n`,
  }));
  stage.press("notes");
  await until(() => seenText(stage).includes("on 1"));
  expect(seenText(stage)).toContain("done *item*");
  expect(seenText(stage)).toContain("example.com");
  expect(all(stage, ".tick.done").length).toBeGreaterThan(0);
  all(stage, ".pages button")[1]?.click();
  await until(() => seenText(stage).includes("on 2"));
});

it.each([
  ["reconnecting", "Reconnecting"],
  ["duplicate_identity", "Open elsewhere"],
  ["room_closed", "Call ended"],
])("says how the line stands: %s", async (reason, word) => {
  const stage = await played();
  if (reason === "reconnecting") stage.room.becomes("reconnecting");
  else stage.room.becomes("disconnected", reason);
  expect(seenText(stage)).toContain(word);
  expect((stage.find("textarea") as HTMLTextAreaElement).disabled).toBe(true);
});

it("says that the coach is not there, waits, or is off", async () => {
  const stage = await played({ coach: null });
  expect(seenText(stage)).toContain("The coach has not joined yet.");
  stage.panel.client = null;
  expect(seenText(stage)).toContain("Connecting");
  const off = await played({ state: { attention: "off", engine: "rules_only" } });
  expect(seenText(off)).toMatch(/Off\s+· rules only/);
  off.find(".attention button").click();
  expect((await off.room.heard("coach_control")).request.attention).toBe("live");
});

it("answers shown only for what was painted, hidden while nobody can see it", async () => {
  const stage = await played();
  expect(JSON.parse(await stage.card())).toMatchObject({ status: "shown" });
  stage.guard.share({ discreet: true, reason: "window", cleared: false });
  expect(stage.session.visible).toBe(false);
  expect(await stage.card({ id: "1-10" })).toBe("hidden");
  stage.guard.share({ discreet: false, reason: null, cleared: false });
  expect(stage.session.visible).toBe(true);
  stage.panel.style.display = "none";
  await until(() => !stage.session.visible);
  expect(await stage.card({ id: "1-11" })).toBe("hidden");
});

it("answers hidden at once while the page is hidden", async () => {
  const stage = await played();
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(await stage.card()).toBe("hidden");
  expect(
    await stage.session.painter?.({ ...(await import("../pages/states/call.js")).CARD, id: "1-30" }),
  ).toBe(false);
  hidden.mockRestore();
  document.dispatchEvent(new Event("visibilitychange"));
  expect(stage.session.visible).toBe(true);
  await stage.room.heard("coach_hello", 2);
});

it("answers hidden when the page goes while a card is being painted", async () => {
  const stage = await played();
  const answer = stage.card();
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(await answer).toBe("hidden");
  hidden.mockRestore();
  document.dispatchEvent(new Event("visibilitychange"));
});

it("is a dot without a word of the coach while the screen is shared, says why, and comes back", async () => {
  const stage = await played();
  await stage.card({ headline: "Secret words" });
  stage.panel.focus();
  stage.guard.share({ discreet: true, reason: "monitor", cleared: false });
  expect(seenText(stage)).not.toMatch(/Secret|Listening|Price/);
  expect(stage.find("[role=log]").textContent).toBe("");
  expect(stage.panel.hasAttribute("discreet")).toBe(true);
  expect(stage.panel.shadowRoot?.activeElement).toBe(stage.find(".dot"));
  expect(seenText(stage)).toContain("your whole screen is shared");
  await stage.session.painter?.({
    ...(await import("../pages/states/call.js")).CARD,
    id: "1-30",
    headline: "More secrets",
  });
  expect(seenText(stage)).not.toContain("More secrets");
  stage.find(".bubble button").click();
  expect(seenText(stage)).toContain("More secrets");
  expect(stage.panel.hasAttribute("discreet")).toBe(false);
});

it("vibrates for a new card where it is asked to, not for its revisions", async () => {
  const vibrate = vi.spyOn(navigator, "vibrate").mockReturnValue(true);
  const stage = await played();
  await stage.card({ id: "1-1" });
  expect(vibrate).not.toHaveBeenCalled();
  stage.panel.setAttribute("vibrate", "");
  await stage.card({ id: "1-2" });
  await stage.card({ id: "1-2", rev: 1, headline: "Other" });
  expect(vibrate).toHaveBeenCalledTimes(1);
  vibrate.mockRestore();
});

it("gives the line back when it leaves the page, and takes it up again", async () => {
  const stage = await played();
  const borrowed = stage.session.painter;
  const place = stage.panel.parentElement;
  stage.panel.remove();
  expect(stage.session.painter).toBeNull();
  expect(stage.session.visible).toBe(false);
  place?.append(stage.panel);
  expect(stage.session.painter).toBe(borrowed);
  expect(stage.session.visible).toBe(true);
});

it("speaks German, words of the embedder's own, and the page's language", async () => {
  await fetchLanguage("de");
  const stage = await played({}, "de-AT");
  expect(seenText(stage)).toContain("Hört zu");
  await stage.card();
  stage.panel.strings = { "status.listening": "Ganz Ohr" };
  expect(seenText(stage)).toContain("Ganz Ohr");
  expect(stage.find("[part=headline]").textContent).toContain("compared with what");
  stage.panel.lang = "en";
  stage.panel.strings = {};
  expect(seenText(stage)).toContain("Listening");
});

it("has every gap of the English strings in the German ones", () => {
  const gaps = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([gap]) => gap).toSorted();
  for (const [key, text] of Object.entries(en))
    expect(gaps(de[key as keyof typeof en]), key).toEqual(gaps(text));
});

it("is 280 pixels wide without anything sticking out", async () => {
  const stage = await played(
    { state: { engine: "rules_only", participants: [REP, DANA, waiting(SAM)] } },
    "de",
  );
  (stage.panel.parentElement as HTMLElement).style.width = "280px";
  await stage.card({ headline: "W".repeat(80), action: { id: "x", label: "W".repeat(40) } });
  const right = stage.panel.getBoundingClientRect().right;
  for (const one of all(stage, "*")) {
    if (one.closest(".spoken, .bubble, svg") || !one.getClientRects().length) continue;
    expect(one.getBoundingClientRect().right, one.outerHTML).toBeLessThanOrEqual(right);
  }
  expect(wholeText(stage)).toContain("WWW");
});
