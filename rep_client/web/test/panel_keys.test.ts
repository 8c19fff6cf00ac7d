/** The keyboard: every wish has a key, and no key is taken from the page around the panel. */

import { expect, it } from "vitest";
import { userEvent } from "vitest/browser";
import { KEYS } from "../src/element.js";
import { all, feedback, played, seenText, until } from "./played_panel.js";

it("does with keys all that can be done with a card", async () => {
  const stage = await played();
  await stage.card({ id: "1-1" });
  await stage.card({ id: "1-2" });
  await stage.card({ id: "1-3", action: { id: "x", label: "Log it" } });
  stage.panel.focus();
  await userEvent.keyboard("u");
  await userEvent.keyboard("y");
  await userEvent.keyboard("p");
  await userEvent.keyboard("l");
  await userEvent.keyboard("d");
  await until(() => feedback(stage).length === 5);
  expect(feedback(stage)).toEqual(["1-3 useful", "1-3 confirm", "1-3 pinned", "1-3 later", "1-2 dismissed"]);
});

it("goes through the cards with the arrows and folds them open", async () => {
  const stage = await played();
  for (let at = 1; at <= 7; at += 1) await stage.card({ id: `1-${at}`, headline: `Card ${at}` });
  stage.panel.focus();
  await userEvent.keyboard("{ArrowDown}{ArrowDown}e");
  const open = stage.find("[data-open]");
  expect(open.querySelector("h3")?.textContent).toBe("Card 5");
  expect(stage.panel.shadowRoot?.activeElement).toBe(open);
  // Beyond the rows that are shown the others open up.
  await userEvent.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}");
  expect(stage.panel.shadowRoot?.activeElement?.querySelector("h3")?.textContent).toBe("Card 1");
  await userEvent.keyboard("{ArrowUp}u");
  await until(() => feedback(stage).length);
  expect(feedback(stage)).toEqual(["1-2 useful"]);
});

it("takes no key while the rep types into the panel or the page", async () => {
  const stage = await played();
  await stage.card();
  const field = document.body.appendChild(document.createElement("input"));
  field.focus();
  await userEvent.keyboard("duplyq?");
  expect(field.value).toBe("duplyq?");
  field.remove();
  stage.panel.focus();
  await userEvent.keyboard("a");
  await userEvent.keyboard("duplyq?");
  expect((stage.find("textarea") as HTMLTextAreaElement).value).toBe("duplyq?");
  expect(feedback(stage)).toEqual([]);
  expect(all(stage, ".card")).toHaveLength(1);
  await userEvent.keyboard("{Escape}");
  expect(stage.panel.shadowRoot?.activeElement).toBe(stage.find(".card"));
});

it("takes no key with ctrl or meta, which are the browser's", async () => {
  const stage = await played();
  await stage.card();
  stage.panel.focus();
  await userEvent.keyboard("{Control>}u{/Control}{Meta>}d{/Meta}");
  expect(feedback(stage)).toEqual([]);
});

it("comes to the panel from anywhere with one shortcut, which can be another", async () => {
  const stage = await played();
  await stage.card();
  await userEvent.keyboard("{Alt>}{Shift>}C{/Shift}{/Alt}");
  expect(document.activeElement).toBe(stage.panel);
  stage.panel.keys = { focus: "ctrl+k", useful: "x", dismiss: "" };
  (document.activeElement as HTMLElement).blur();
  await userEvent.keyboard("{Alt>}{Shift>}C{/Shift}{/Alt}");
  expect(document.activeElement).not.toBe(stage.panel);
  await userEvent.keyboard("{Control>}k{/Control}");
  expect(document.activeElement).toBe(stage.panel);
  await userEvent.keyboard("dux");
  await until(() => feedback(stage).length);
  expect(feedback(stage)).toEqual(["1-9 useful"]);
});

it("lists every key, and gives the focus back", async () => {
  const stage = await played();
  await stage.card();
  stage.panel.focus();
  await userEvent.keyboard("?");
  await stage.shown("kbd");
  expect(all(stage, ".keys kbd")).toHaveLength(Object.keys(KEYS).length);
  for (const line of all(stage, ".keys dd")) expect(line.textContent).toMatch(/\w{2}/);
  await userEvent.keyboard("{Escape}");
  expect(all(stage, ".keys")).toEqual([]);
  expect(stage.panel.shadowRoot?.activeElement).toBe(stage.find(".card"));
});

it("opens people, course, notes and changes attention by key", async () => {
  const stage = await played();
  stage.panel.focus();
  await userEvent.keyboard("wtq");
  expect(stage.find("[part=people]").hidden).toBe(false);
  expect(stage.find("[part=course-detail]").hidden).toBe(false);
  await until(() => seenText(stage).includes("Quiet"));
  await userEvent.keyboard("q");
  await until(() => seenText(stage).includes("Listening"));
  await userEvent.keyboard("n");
  await until(() => seenText(stage).includes("40 seats"));
});
