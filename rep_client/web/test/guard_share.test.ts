import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CoachSession } from "../src/client/coach_session.js";
import { createGuard, type PageGuard } from "../src/guard/share_guard.js";
import { captureTrack, type Picker, standInForPicker, trackOf } from "./display_capture.js";
import { ScriptedRoom } from "./scripted_room.js";

let picker: Picker;
let session: CoachSession;
let guard: PageGuard;

beforeEach(() => {
  picker = standInForPicker();
  session = new CoachSession(new ScriptedRoom());
  session.start();
  guard = createGuard(session);
});

afterEach(() => {
  guard.stop();
  session.close();
  picker.release();
});

const share = (): Promise<MediaStream> => navigator.mediaDevices.getDisplayMedia({ video: true });
const ownHandle = (): string => picker.handles.at(-1) ?? "none was set";

test("the panel is discreet from the very call on, before the browser is asked", async () => {
  const asked = share();
  expect(guard.sharing).toEqual({ discreet: true, reason: "choosing", cleared: false });
  expect(picker.calls).toHaveLength(0);
  await asked;
});

test("the discreet panel is painted before the browser is asked", async () => {
  const order: string[] = [];
  guard.on(({ reason }) => {
    order.push(`told ${reason}`);
    requestAnimationFrame(() => order.push("frame"));
  });
  picker.called = () => order.push("browser asked");
  await share();
  expect(order.slice(0, 3)).toEqual(["told choosing", "frame", "browser asked"]);
});

test("arguments, `this` and the stream are the application's, unchanged", async () => {
  const wish = { video: { frameRate: 5 }, audio: true };
  const stream = await navigator.mediaDevices.getDisplayMedia(wish);
  expect(picker.calls).toEqual([{ self: navigator.mediaDevices, given: [wish] }]);
  expect(picker.calls[0]?.given[0]).toBe(wish);
  expect(stream.getVideoTracks()).toHaveLength(1);
});

test("a call with a capture controller gets the browser's own promise, at once", () => {
  const native = new Promise<MediaStream>(() => undefined);
  vi.spyOn(MediaDevices.prototype, "getDisplayMedia").mockReturnValue(native);
  guard.stop();
  guard = createGuard(session);
  const wish = { video: true, controller: {} } as DisplayMediaStreamOptions;
  expect(navigator.mediaDevices.getDisplayMedia(wish)).toBe(native);
  expect(guard.sharing.reason).toBe("choosing");
});

test.each(["monitor", "window"])(
  "a shared %s keeps the panel discreet until the rep clears it",
  async (surface) => {
    picker.pick = { surface };
    const track = trackOf(await share());
    expect(guard.sharing).toEqual({ discreet: true, reason: surface, cleared: false });
    guard.clear();
    expect(guard.sharing).toEqual({ discreet: false, reason: surface, cleared: true });
    track.stop();
    expect(guard.sharing).toEqual({ discreet: false, reason: null, cleared: false });
  },
);

test("what is shared is unknown where the browser does not say", async () => {
  picker.pick = {};
  await share();
  expect(guard.sharing.reason).toBe("unknown");
});

test("our own tab is known by its handle", async () => {
  picker.pick = { surface: "browser", handle: { handle: ownHandle() } };
  await share();
  expect(guard.sharing).toEqual({ discreet: true, reason: "own_tab", cleared: false });
});

test("a tab with another handle shows the panel again", async () => {
  picker.pick = { surface: "browser", handle: { handle: "somebody else's" } };
  await share();
  expect(guard.sharing).toEqual({ discreet: false, reason: "other_tab", cleared: false });
});

test.each([null, {}, { handle: "" }, { handle: "another", origin: location.origin }])(
  "a tab with handle %j is taken for ours",
  async (handle) => {
    picker.pick = { surface: "browser", handle };
    await share();
    expect(guard.sharing.reason).toBe("unmarked_tab");
  },
);

test("a page that cannot mark its tab takes every tab for ours", async () => {
  guard.stop();
  const prototype = MediaDevices.prototype as unknown as { setCaptureHandleConfig: () => void };
  prototype.setCaptureHandleConfig = () => {
    throw new DOMException("not in a frame", "InvalidStateError");
  };
  guard = createGuard(session);
  picker.pick = { surface: "browser", handle: { handle: "the parent's" } };
  await share();
  expect(guard.sharing.reason).toBe("unmarked_tab");
});

test("a handle the application sets later is ours as well", async () => {
  const devices = navigator.mediaDevices as unknown as { setCaptureHandleConfig(config: object): void };
  devices.setCaptureHandleConfig({ handle: "the application's" });
  picker.pick = { surface: "browser", handle: { handle: "the application's" } };
  await share();
  expect(guard.sharing.reason).toBe("own_tab");
});

test("an application that keeps its own handle is left in peace", async () => {
  guard.stop();
  const before = picker.handles.length;
  guard = createGuard(session, { captureHandle: "mine" });
  expect(picker.handles).toHaveLength(before);
  picker.pick = { surface: "browser", handle: { handle: "mine" } };
  await share();
  expect(guard.sharing.reason).toBe("own_tab");
});

test("switching to our own tab hides the panel again", async () => {
  picker.pick = { surface: "browser", handle: { handle: "other" } };
  const track = trackOf(await share());
  track.picked = { surface: "browser", handle: { handle: ownHandle() } };
  track.dispatchEvent(new Event("capturehandlechange"));
  expect(guard.sharing).toEqual({ discreet: true, reason: "own_tab", cleared: false });
});

test("a cleared window that becomes a monitor asks anew", async () => {
  picker.pick = { surface: "window" };
  const track = trackOf(await share());
  guard.clear();
  track.picked = { surface: "monitor" };
  track.dispatchEvent(new Event("configurationchange"));
  expect(guard.sharing).toEqual({ discreet: true, reason: "monitor", cleared: false });
});

test("a switch that has no event is seen all the same", async () => {
  picker.pick = { surface: "browser", handle: { handle: "other" } };
  const track = trackOf(await share());
  track.picked = { surface: "monitor" };
  await expect.poll(() => guard.sharing.reason, { timeout: 5000 }).toBe("monitor");
});

test("a picker that was closed brings the panel back, and the application its error", async () => {
  picker.pick = new DOMException("Permission denied", "NotAllowedError");
  await expect(share()).rejects.toBe(picker.pick);
  expect(guard.sharing).toEqual({ discreet: false, reason: null, cleared: false });
});

test("a picker that never answers can be cleared away", () => {
  void share();
  guard.clear();
  expect(guard.sharing).toEqual({ discreet: false, reason: "choosing", cleared: true });
});

test("the browser's own stop bar ends the share", async () => {
  const track = trackOf(await share());
  // The browser ends the track and then says so; the application's `stop()` is not called.
  MediaStreamTrack.prototype.stop.call(track);
  track.dispatchEvent(new Event("ended"));
  expect(guard.sharing.reason).toBeNull();
});

test("an end that neither event nor `stop()` tells of is seen all the same", async () => {
  const track = trackOf(await share());
  MediaStreamTrack.prototype.stop.call(track);
  await expect.poll(() => guard.sharing.reason, { timeout: 5000 }).toBeNull();
});

test("a clone keeps the share on after its original was stopped", async () => {
  const track = trackOf(await share());
  const clone = track.clone();
  track.stop();
  expect(guard.sharing.reason).toBe("monitor");
  clone.stop();
  expect(guard.sharing.reason).toBeNull();
});

test("the panel is discreet while any of several shares asks for it", async () => {
  picker.pick = { surface: "window" };
  const first = trackOf(await share());
  picker.pick = { surface: "browser", handle: { handle: "other" } };
  const second = trackOf(await share());
  expect(guard.sharing.reason).toBe("window");
  first.stop();
  expect(guard.sharing.reason).toBe("other_tab");
  second.stop();
  expect(guard.sharing.reason).toBeNull();
});

test("a share from before the guard is taken in, once", async () => {
  const before = captureTrack({ surface: "monitor" });
  guard.stop();
  guard = createGuard(session, { tracks: [before] });
  expect(guard.sharing.reason).toBe("monitor");
  guard.watch(before);
  before.stop();
  expect(guard.sharing.reason).toBeNull();
});

test("a panel that is put up anew hides from a share that runs", async () => {
  const track = trackOf(await share());
  guard.stop();
  guard = createGuard(session);
  expect(guard.sharing.reason).toBe("monitor");
  track.stop();
  expect(guard.sharing.reason).toBeNull();
});

test("stopping gives everything back", async () => {
  const track = trackOf(await share());
  guard.stop();
  expect(guard.sharing).toEqual({ discreet: false, reason: null, cleared: false });
  expect(Object.getOwnPropertyNames(navigator.mediaDevices)).toEqual([]);
  expect(Object.hasOwn(track, "stop")).toBe(false);
  track.stop();
});

test.each(["first", "last"])("of two guards, the %s made may go first", async (which) => {
  const other = createGuard(session);
  const [gone, kept] = which === "first" ? [guard, other] : [other, guard];
  gone.stop();
  const track = trackOf(await share());
  expect(gone.sharing.discreet).toBe(false);
  expect(kept.sharing.reason).toBe("monitor");
  expect(picker.calls).toHaveLength(1);
  kept.stop();
  track.stop();
  await share();
  expect([guard.sharing.discreet, other.sharing.discreet]).toEqual([false, false]);
  expect(picker.calls).toHaveLength(2);
});

test("a guard that was stopped while the rep chose follows nothing", async () => {
  const asked = share();
  guard.stop();
  const track = trackOf(await asked);
  expect(guard.sharing.reason).toBeNull();
  expect(Object.hasOwn(track, "stop")).toBe(false);
});
