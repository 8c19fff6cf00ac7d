/** Before and after the call: a card with one button. The click that joins also lets the browser play sound. */
import { required } from "./page.js";

/** Waits for the click; `join` runs with the button disabled, and what it throws is shown and may be tried again. */
export function joinOnClick<Joined>(join: (context: AudioContext) => Promise<Joined>): Promise<Joined> {
  const form = required("#lobby", HTMLFormElement);
  const button = required("#join", HTMLButtonElement);
  const fault = required("#fault", HTMLElement);
  return new Promise((resolve) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      fault.textContent = "";
      try {
        const context = new AudioContext();
        await context.resume();
        const joined = await join(context);
        document.body.dataset.phase = "joined";
        resolve(joined);
      } catch (error) {
        fault.textContent = error instanceof Error ? error.message : "That did not work.";
        button.disabled = false;
      }
    });
  });
}

/** Says why the call is over. */
export function showEnd(why: string): void {
  document.body.dataset.phase = "over";
  required("#over", HTMLElement).textContent = why;
}
