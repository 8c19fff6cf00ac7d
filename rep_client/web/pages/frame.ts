/**
 * The panel as a page of its own, to be framed: `frame.html?parent=https://app.example.com`. The page around it makes
 * `Cornerman.bridge({ room, frame })`; without a parent it was told of, this page shows one sentence and does nothing.
 *
 * Further parameters: `lang` (en, de), `theme` (auto, light, dark, contrast), `disclosure` (the words to read out),
 * `prefix` (the coach's identity prefix, where it is another than `cornerman-`), `key` (names the call, where one tab
 * has several after one another).
 */
import { CoachSession } from "../src/client/coach_session.js";
import "../src/element.js";
import { FramedGuard } from "../src/frame/framed_guard.js";
import { FramedRoom } from "../src/frame/framed_room.js";
import { meetParent, originOf } from "../src/frame/parent_page.js";

const REFUSALS = {
  en: "This panel belongs in a frame of the page that makes the call, and its address must name that page's origin: ?parent=https://…",
  de: "Dieses Panel gehört in einen Rahmen der Seite, die das Gespräch führt, und seine Adresse muss deren Ursprung nennen: ?parent=https://…",
};

const asked = new URLSearchParams(location.search);
const prefix = asked.get("prefix");

function showPanel(): HTMLElementTagNameMap["coach-panel"] {
  const panel = document.createElement("coach-panel");
  for (const name of ["lang", "theme", "disclosure"]) {
    const value = asked.get(name);
    if (value !== null) panel.setAttribute(name, value);
  }
  // None yet: a guard of this page would watch the wrong window.
  panel.guard = null;
  document.body.append(panel);
  return panel;
}

/** Serves one bridge; when that is closed, the next one, which may be on another call. */
function serve(panel: HTMLElementTagNameMap["coach-panel"], parent: string): void {
  meetParent(parent, (port) => {
    const room = new FramedRoom(port);
    const session = new CoachSession(room, prefix ? { identityPrefix: prefix } : {});
    const guard = new FramedGuard(room, session, asked.get("key") ?? "");
    panel.guard = guard;
    panel.client = session;
    session.start();
    room.on("status", ({ reason }) => {
      if (reason !== "closed") return;
      guard.stop();
      room.close();
      serve(panel, parent);
    });
  });
}

function refuse(): void {
  const refusal = document.getElementById("refusal");
  if (!refusal) return;
  refusal.textContent = asked.get("lang") === "de" ? REFUSALS.de : REFUSALS.en;
  refusal.hidden = false;
}

const parent = originOf(asked.get("parent"));
document.documentElement.lang = asked.get("lang") === "de" ? "de" : "en";
if (parent === null || window.parent === window) refuse();
else serve(showPanel(), parent);
