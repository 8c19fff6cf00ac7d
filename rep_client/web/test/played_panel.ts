/** A panel to test with, in the page, whose coach the test plays; see pages/states/stage.ts. */
import { afterEach, beforeEach } from "vitest";
import { type Scene, type Stage, showScene } from "../pages/states/stage.js";

let place: HTMLElement;

beforeEach(() => {
  place = document.body.appendChild(document.createElement("div"));
  place.style.cssText = "width:340px;height:640px";
});

afterEach(() => place.remove());

export function played(scene: Scene = {}, lang = "en"): Promise<Stage> {
  return showScene(scene, place, { theme: "light", lang });
}

/** All the panel's letters a person can see, hidden parts left out. */
export function seenText(stage: Stage): string {
  const root = stage.panel.shadowRoot;
  const seen = [...(root?.children ?? [])].filter((one) => one.getClientRects().length > 0);
  return seen.map((one) => (one as HTMLElement).innerText).join("\n");
}

/** Everything in the panel's tree, seen or not. */
export function wholeText(stage: Stage): string {
  return stage.panel.shadowRoot?.textContent ?? "";
}

export function all(stage: Stage, selector: string): HTMLElement[] {
  return [...(stage.panel.shadowRoot?.querySelectorAll<HTMLElement>(selector) ?? [])];
}

/** Resolves once this is so; the test's own timeout ends the wait. */
export async function until(so: () => unknown): Promise<void> {
  while (!so()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The feedback the coach was given so far, as `id kind`. */
export function feedback(stage: Stage): string[] {
  return stage.room.calls
    .filter((call) => call.method === "coach_feedback")
    .map((call) => `${call.request.id} ${call.request.feedback}`);
}
