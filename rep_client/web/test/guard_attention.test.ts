import { afterEach, beforeEach, expect, test } from "vitest";
import { CoachSession } from "../src/client/coach_session.js";
import { CallFailed } from "../src/client/room.js";
import { createGuard, type GuardOptions, type PageGuard } from "../src/guard/share_guard.js";
import { type Picker, standInForPicker, trackOf } from "./display_capture.js";
import { COACH, state } from "./fixtures.js";
import { ScriptedRoom } from "./scripted_room.js";

let picker: Picker;
let room: ScriptedRoom;
let session: CoachSession;
let guard: PageGuard;

/** A page with a panel: a client that knows the call's state, and a guard. */
async function load(options: GuardOptions = {}): Promise<void> {
  session = new CoachSession(room);
  guard = createGuard(session, options);
  const known = new Promise((resolve) => session.on("state", resolve));
  session.start();
  await known;
}

/** The page goes without a goodbye, and its capture with it: nothing is stopped in an orderly way. */
function unload(stream: MediaStream): void {
  for (const track of stream.getTracks()) MediaStreamTrack.prototype.stop.call(track);
  session.close();
}

beforeEach(async () => {
  sessionStorage.clear();
  picker = standInForPicker();
  room = new ScriptedRoom();
  await load();
});

afterEach(() => {
  guard.stop();
  session.close();
  picker.release();
});

const share = (): Promise<MediaStream> => navigator.mediaDevices.getDisplayMedia({ video: true });
const wishes = (): unknown[] =>
  room.calls.filter((call) => call.method === "coach_control").map((call) => call.request.attention);
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test("the coach is told to be quiet, and live again when the share is over", async () => {
  const track = trackOf(await share());
  await room.heard("coach_control", 1);
  track.stop();
  await room.heard("coach_control", 2);
  expect(wishes()).toEqual(["quiet", "live"]);
});

test("the setting returns when the rep clears the panel", async () => {
  await share();
  guard.clear();
  await room.heard("coach_control", 2);
  expect(wishes()).toEqual(["quiet", "live"]);
});

test("the setting returns when another tab was picked", async () => {
  picker.pick = { surface: "browser", handle: { handle: "other" } };
  await share();
  await room.heard("coach_control", 2);
  expect(wishes()).toEqual(["quiet", "live"]);
});

test.each(["quiet", "off"] as const)("a coach that is %s already is left alone", async (attention) => {
  await room.coachSays.state({ attention });
  const track = trackOf(await share());
  track.stop();
  await settled();
  expect(wishes()).toEqual([]);
});

test("what the rep chose meanwhile stays", async () => {
  const track = trackOf(await share());
  await room.heard("coach_control", 1);
  await session.control("off");
  track.stop();
  await settled();
  expect(wishes()).toEqual(["quiet", "off"]);
});

test("a rep who wants hints all the same is not overruled", async () => {
  await share();
  await room.heard("coach_control", 1);
  await session.control("live");
  await room.coachSays.state({ attention: "live" });
  await settled();
  expect(wishes()).toEqual(["quiet", "live"]);
});

test("a coach that could not be told is told when it is heard again", async () => {
  room.coachAnswers("coach_control", () => {
    throw new CallFailed(1503, "gone");
  });
  await share();
  await room.heard("coach_control", 1);
  await settled();
  room.coachAnswers("coach_control", ({ attention }) => state({ attention: attention as "quiet" }));
  await room.coachSays.state({ attention: "live" });
  await room.heard("coach_control", 2);
  expect(wishes()).toEqual(["quiet", "quiet"]);
});

test("a coach that came anew is told too", async () => {
  await share();
  await room.heard("coach_control", 1);
  room.leave(COACH);
  room.state = state({ segment: 2, attention: "live" });
  room.join("cornerman-2");
  const again = await room.heard("coach_control", 2);
  expect([again.to, again.request.attention]).toEqual(["cornerman-2", "quiet"]);
});

test("a setting that could not be given back is given back when the coach is heard again", async () => {
  const track = trackOf(await share());
  await room.heard("coach_control", 1);
  await settled();
  room.coachAnswers("coach_control", () => {
    throw new CallFailed(1503, "gone");
  });
  track.stop();
  await room.heard("coach_control", 2);
  await settled();
  room.coachAnswers("coach_control", () => state());
  await room.coachSays.state({ attention: "quiet" });
  await room.heard("coach_control", 3);
  expect(wishes()).toEqual(["quiet", "live", "live"]);
});

test("the setting returns after the page was loaded anew in the middle of a share", async () => {
  const stream = await share();
  await room.heard("coach_control", 1);
  unload(stream);
  const gone = guard;
  await load();
  await room.heard("coach_control", 2);
  expect(wishes()).toEqual(["quiet", "live"]);
  gone.stop();
});

test("another call of the same tab owes nothing", async () => {
  const stream = await share();
  await room.heard("coach_control", 1);
  unload(stream);
  const gone = guard;
  await load({ key: "another call" });
  await settled();
  expect(wishes()).toEqual(["quiet"]);
  gone.stop();
});

test("the share does not wait for a coach that does not answer", async () => {
  room.coachAnswers("coach_control", () => new Promise(() => undefined));
  expect((await share()).getVideoTracks()).toHaveLength(1);
});

test("stopping the guard gives the setting back", async () => {
  await share();
  await room.heard("coach_control", 1);
  guard.stop();
  await room.heard("coach_control", 2);
  expect(wishes()).toEqual(["quiet", "live"]);
});
