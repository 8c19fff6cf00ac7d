/** A page to be framed by tests: the line of `pages/frame.ts`, without the panel. What it knows stands in its body. */
import { CoachSession } from "../src/client/coach_session.js";
import { FramedGuard } from "../src/frame/framed_guard.js";
import { FramedRoom } from "../src/frame/framed_room.js";
import { meetParent } from "../src/frame/parent_page.js";

declare global {
  interface Window {
    session: CoachSession | undefined;
    guard: FramedGuard | undefined;
    room: FramedRoom | undefined;
    /** Says something to the parent, as this page. */
    say(message: unknown, origin: string): void;
  }
}

const told = document.body.dataset;
window.say = (message, origin) => window.parent.postMessage(message, origin);

meetParent(told.parent ?? "", (port) => {
  const room = new FramedRoom(port);
  const session = new CoachSession(room);
  const guard = new FramedGuard(room, session);
  session.on("nudge", ({ headline }) => {
    told.headline = headline;
  });
  session.on("standing", ({ coach, closed }) => {
    told.coach = coach ?? "";
    told.closed = closed ?? "";
  });
  session.on("state", (state) => {
    told.attention = state?.attention ?? "";
  });
  guard.on(({ discreet, reason }) => {
    told.sharing = `${discreet ? "discreet" : "open"} ${reason}`;
    if (reason === "choosing") requestAnimationFrame(() => (told.painted = "yes"));
  });
  session.start();
  Object.assign(window, { room, session, guard });
});
