/**
 * `<coach-panel>`: what the rep sees of the coach. Import this module once and the element is defined.
 *
 *     import "cornerman-client/element";
 *     const panel = document.querySelector("coach-panel");
 *     panel.client = new CoachClient(room);      // and client.start()
 *
 * It fills the height it is given, from 280 px of width on. It never makes markup or links of what comes over the wire,
 * and keeps at most 50 cards.
 *
 * | property | |
 * |---|---|
 * | `client` | the line to the coach, or null; the panel becomes its painter and tells it whether cards can be seen |
 * | `guard` | what hides the panel from a screen share, or null for none; where it is never set and the page is in no frame, the panel makes one |
 * | `keys` | other keys than those of `KEYS`, by command; an empty string switches one off |
 * | `strings` | other words than those of the language, by key |
 * | `focus()` | goes to the newest card |
 *
 * | attribute | |
 * |---|---|
 * | `lang` | `en` or `de`; else the page's language, else English |
 * | `theme` | `auto` (as the system is set), `light`, `dark`, `contrast` |
 * | `disclosure` | the text to read out before anybody is heard |
 * | `vibrate` | a phone vibrates shortly with each new card |
 * | `discreet` | set by the panel while it hides: room for other things, if you like |
 *
 * | custom property | default | |
 * |---|---|---|
 * | `--coach-font` | system | font family |
 * | `--coach-radius` | 12px | of the panel's corners |
 * | `--coach-accent`, `--coach-on-accent` | blue, white | what can be pressed, and letters on it |
 * | `--coach-background`, `--coach-surface` | | the panel, and cards on it |
 * | `--coach-text`, `--coach-muted`, `--coach-line` | | letters, lesser letters, hairlines |
 *
 * | part | |
 * |---|---|
 * | `panel`, `header`, `main`, `footer` | the whole and its three thirds |
 * | `state`, `light`, `attention` | of the header: word, dot, how much to show |
 * | `people`, `consent`, `disclosure`, `consent-button` | who is heard, the consent step, its text and button |
 * | `newest`, `earlier`, `more` | the large place, the rows, the button for further rows |
 * | `card`, `eyebrow`, `headline`, `detail`, `action`, `causes`, `cause`, `quote`, `source`, `source-text`, `tools`, `tool`, `thinking` | of a card |
 * | `line`, `course`, `course-detail`, `ask`, `sheet`, `notice` | quiet line, how the call stands, question, notes or keys, what went wrong |
 * | `dot`, `why` | what is left while it hides |
 */
import { Panel } from "./panel/panel.js";

export { createGuard, type GuardOptions, type PageGuard } from "./guard/share_guard.js";
export { type Command, KEYS, type KeyMap } from "./panel/keys.js";
export type { Strings } from "./panel/words.js";

// A page may be rendered on a server first, where there are no elements.
if (typeof customElements !== "undefined" && !customElements.get("coach-panel")) {
  customElements.define("coach-panel", Panel);
}

export { Panel as CoachPanel };

declare global {
  interface HTMLElementTagNameMap {
    "coach-panel": Panel;
  }
}
