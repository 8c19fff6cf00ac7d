/** Small things every page of the demo needs. */

/** The one element the page's own markup has there. */
export function required<Kind extends HTMLElement>(selector: string, kind: new () => Kind): Kind {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${selector}`);
  return found;
}

/** Seconds as minutes and seconds. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** The line under the stage: what is happening now, or what the person could do. */
export function say(line: string): void {
  const status = required("#status", HTMLElement);
  if (status.textContent !== line) status.textContent = line;
}

const NOTICE_STAYS = 10_000;
let noticeGoes: ReturnType<typeof setTimeout> | undefined;

/** Something that did not work; stands for ten seconds, whatever else is said. */
export function notice(line: string): void {
  const place = required("#notice", HTMLElement);
  clearTimeout(noticeGoes);
  place.textContent = line;
  noticeGoes = setTimeout(() => {
    place.textContent = "";
  }, NOTICE_STAYS);
}
