/** Every state of the panel, in every theme and language, has no fault axe-core can find. */
import axe from "axe-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { SCENES } from "../pages/states/scenes.js";
import { type Look, showScene } from "../pages/states/stage.js";
import { fetchLanguage } from "../src/panel/words.js";

const LOOKS: readonly Look[] = [
  { theme: "light", lang: "en" },
  { theme: "dark", lang: "en" },
  { theme: "contrast", lang: "en" },
  { theme: "light", lang: "de" },
];
const RULES: axe.RunOnly = {
  type: "tag",
  values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};
/** These judge a whole page, of which the panel is a part. */
const OF_A_PAGE = ["landmark-one-main", "page-has-heading-one", "region", "heading-order"];

let place: HTMLElement;

beforeAll(async () => {
  await fetchLanguage("de");
  document.documentElement.lang = "en";
  document.title = "panel";
  place = document.body.appendChild(document.createElement("main"));
  place.style.cssText = "width:340px;height:640px";
  // What moves is judged where it comes to rest.
  const still = document.createElement("style");
  still.textContent = "*{animation:none!important;transition:none!important}";
  document.head.append(still);
});

afterEach(() => place.replaceChildren());

describe.each(Object.keys(SCENES))("%s", (name) => {
  it.each(LOOKS)("has no violation: $theme, $lang", async (look) => {
    const scene = SCENES[name];
    if (!scene) throw new Error(`there is no scene ${name}`);
    const dark = look.theme === "dark";
    document.body.style.background = dark ? "#000" : "#fff";
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
    const { panel } = await showScene(scene, place, look);
    for (const animation of panel.shadowRoot?.getAnimations() ?? []) animation.cancel();
    const found = await axe.run(place, {
      runOnly: RULES,
      rules: Object.fromEntries(OF_A_PAGE.map((rule) => [rule, { enabled: false }])),
    });
    expect(
      found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`),
    ).toEqual([]);
    // It looked inside the panel: there are letters and buttons to judge in every state.
    const judged = found.passes.map((one) => one.id);
    expect(judged).toContain("button-name");
    if (name !== "discreet") expect(judged).toContain("color-contrast");
    const unsure = found.incomplete.filter((one) => one.id === "color-contrast").flatMap((one) => one.nodes);
    const why = unsure.map((node) => `${node.html} ${node.any[0]?.message}`);
    // The contrast of an arrow is that of the letters beside it.
    expect(why.filter((one) => !one.includes("non-text characters"))).toEqual([]);
  });
});
