import { afterEach, beforeEach, expect, test } from "vitest";
import { type Bridge, type BridgeOptions, bridge } from "../src/bridge.js";
import { READY } from "../src/frame/wire.js";
import { AGENT, BridgedCallRoom, RpcError, STANDARD } from "./bridged_call.js";
import { captureTrack, type Picker, standInForPicker, trackOf } from "./display_capture.js";
import { COACH, state } from "./fixtures.js";

let room: BridgedCallRoom;
let frame: HTMLIFrameElement;
let line: Bridge | null;
let picker: Picker;

beforeEach(() => {
  sessionStorage.clear();
  picker = standInForPicker();
  room = new BridgedCallRoom();
  line = null;
});

afterEach(() => {
  line?.close();
  frame.remove();
  picker.release();
});

function put(document_: string, sandbox?: string): void {
  frame = document.createElement("iframe");
  if (sandbox !== undefined) frame.setAttribute("sandbox", sandbox);
  frame.srcdoc = document_;
  document.body.append(frame);
}

/** A framed page that knows this origin as its parent's, and a bridge. */
function load(options: Partial<BridgeOptions> = {}, parent = location.origin): void {
  put(`<body data-parent="${parent}"><script type="module" src="/test/framed_page.ts"></script></body>`);
  line = bridge({ room, frame, RpcError, ...options });
}

const told = (): DOMStringMap => frame.contentDocument?.body?.dataset ?? {};
const inFrame = (): Window => {
  if (!frame.contentWindow) throw new Error("the frame is gone");
  return frame.contentWindow;
};
const poll = (what: () => unknown) => expect.poll(what, { timeout: 5000, interval: 20 });

async function loaded(options: Partial<BridgeOptions> = {}): Promise<void> {
  load(options);
  await poll(() => told().attention).toBe("live");
}

test("a framed client says hello through its parent, and a nudge comes back", async () => {
  await loaded();
  expect(room.performed[0]).toMatchObject({ destinationIdentity: COACH, method: "coach_hello" });
  expect(await room.nudge("Ask who signs")).toBe("shown");
  expect(told().headline).toBe("Ask who signs");
});

test("closing the bridge gives everything back, and the frame is told", async () => {
  await loaded();
  line?.close();
  await poll(() => told().closed).toBe("closed");
  expect(room.handlers.size).toBe(0);
  expect(room.listening).toBe(0);
});

test("a page that is loaded anew in the frame is served anew", async () => {
  await loaded();
  const visits = room.performed.length;
  frame.srcdoc = `${frame.srcdoc} `;
  await poll(() => room.performed.length).toBeGreaterThan(visits);
  await poll(() => told().attention).toBe("live");
  expect(await room.nudge("After the reload")).toBe("shown");
  expect(room.listening).toBe(5);
});

test("a frame that says it is ready twice keeps its line", async () => {
  const knocks: unknown[] = [];
  const hear = ({ data }: MessageEvent<unknown>) => knocks.push(data);
  window.addEventListener("message", hear);
  await loaded();
  inFrame().say(knocks[0], location.origin);
  await poll(() => knocks).toHaveLength(2);
  window.removeEventListener("message", hear);
  expect(knocks[1]).toEqual(knocks[0]);
  expect(await room.nudge("Still here")).toBe("shown");
});

test("a frame of another origin than the one named gets no port", async () => {
  load({ origin: "https://panel.example.com" });
  const knocked = new Promise((resolve) => window.addEventListener("message", resolve, { once: true }));
  await knocked;
  await new Promise((resolve) => setTimeout(resolve));
  expect([room.handlers.size, room.performed.length, inFrame().session]).toEqual([0, 0, undefined]);
});

test("a sandboxed page without an origin gets no port", async () => {
  const said = JSON.stringify({ type: READY, visit: "x" });
  const script = `onmessage = (event) => parent.postMessage("a port for me", "*");
    parent.postMessage(${said}, "*"); parent.postMessage("done", "*")`;
  const heard: unknown[] = [];
  const hear = ({ data }: MessageEvent<unknown>) => heard.push(data);
  window.addEventListener("message", hear);
  put(`<script>${script}</script>`, "allow-scripts");
  line = bridge({ room, frame, RpcError });
  await poll(() => heard).toContain("done");
  await new Promise((resolve) => setTimeout(resolve, 50));
  window.removeEventListener("message", hear);
  expect(heard).not.toContain("a port for me");
  expect(room.listening).toBe(1);
});

test("another window of the right origin gets no port", async () => {
  await loaded();
  const methods = room.handlers.get("coach_nudge");
  window.postMessage({ type: READY, visit: "this window itself" }, location.origin);
  await new Promise((resolve) => window.addEventListener("message", resolve, { once: true }));
  expect(room.handlers.get("coach_nudge")).toBe(methods);
});

test("a page in the frame takes no port from a parent it was not told of", async () => {
  load({}, "https://app.example.com");
  await new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  const { port2 } = new MessageChannel();
  inFrame().postMessage("cornerman.frame.connect.1", location.origin, [port2]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(inFrame().session).toBeUndefined();
});

test("strangers are refused in the parent, all with the same words, and the frame hears nothing", async () => {
  await loaded();
  await expect(room.nudge("Buy now", "ann")).rejects.toMatchObject({ code: 4403, message: "not available" });
  await expect(room.nudge("Buy now", "cornerman-")).rejects.toMatchObject({ code: 4403 });
  await expect(room.says("coach_nudge", "x".repeat(20_000))).rejects.toMatchObject({ code: 4400 });
  expect(told().headline).toBeUndefined();
});

test("somebody with the coach's prefix whom the room lists as no agent is refused in the frame", async () => {
  await loaded();
  room.remoteParticipants.set("cornerman-x", { identity: "cornerman-x", kind: STANDARD });
  room.emit("participantConnected");
  await expect(room.nudge("Buy now", "cornerman-x")).rejects.toMatchObject({ code: 4403 });
  expect(told().headline).toBeUndefined();
});

test("a frame can call the coach alone, and its methods alone", async () => {
  await loaded();
  const framed = inFrame().room;
  const before = room.performed.length;
  await expect(framed?.call("ann", "coach_hello", "{}", 1000)).rejects.toMatchObject({ code: 4403 });
  await expect(framed?.call(COACH, "send_money", "{}", 1000)).rejects.toMatchObject({ code: 4403 });
  expect(room.performed).toHaveLength(before);
});

test("a frame can answer the rep's methods alone", async () => {
  await loaded();
  inFrame().room?.answer("send_money", async () => "yes");
  await room.nudge("In order: the registration came before this answer");
  expect([...room.handlers.keys()]).toEqual(["coach_nudge", "coach_state"]);
});

test("the frame is told of coaches, and of nobody else", async () => {
  await loaded();
  room.remoteParticipants.set("ann", { identity: "ann", kind: STANDARD });
  room.remoteParticipants.set("cornerman-2", { identity: "cornerman-2", kind: AGENT });
  room.emit("participantConnected");
  await poll(() => inFrame().room?.identities()).toEqual([COACH, "cornerman-2"]);
  room.remoteParticipants.delete("cornerman-2");
  room.emit("participantDisconnected");
  await poll(() => inFrame().room?.identities()).toEqual([COACH]);
});

test("a call the coach refuses fails in the frame with the coach's code", async () => {
  await loaded();
  room.coachAnswers = () => Promise.reject(new RpcError(4409, "switched off"));
  await expect(inFrame().session?.ask("What now?")).rejects.toMatchObject({ code: 4409 });
});

test("a nudge nobody in the frame takes up is refused in time", async () => {
  await loaded();
  inFrame().room?.answer("coach_nudge", () => new Promise(() => undefined));
  await expect(room.says("coach_nudge", "{}", COACH, 50)).rejects.toMatchObject({ code: 4425 });
});

test("why the room was left reaches the frame", async () => {
  await loaded();
  room.state = "disconnected";
  room.emit("connectionStateChanged", "disconnected");
  room.emit("disconnected", 2);
  await poll(() => told().closed).toBe("duplicate_identity");
});

test("the frame hides before the parent's browser is asked, and the coach is told", async () => {
  await loaded();
  let paintedBefore: string | undefined;
  picker.called = () => {
    paintedBefore = told().painted;
  };
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
  expect(paintedBefore).toBe("yes");
  await poll(() => told().sharing).toBe("discreet monitor");
  await poll(() => room.performed.at(-1)).toMatchObject({ method: "coach_control" });
  expect(JSON.parse(room.performed.at(-1)?.payload ?? "")).toMatchObject({ attention: "quiet" });
  trackOf(stream).stop();
  await poll(() => told().sharing).toBe("open null");
});

test.each(["own", "other"])("the parent's tab is known by its handle: %s", async (whose) => {
  await loaded();
  const handle = whose === "own" ? picker.handles.at(-1) : "another";
  picker.pick = { surface: "browser", handle: { handle: handle ?? "" } };
  trackOf(await navigator.mediaDevices.getDisplayMedia({ video: true }));
  await poll(() => told().sharing).toBe(whose === "own" ? "discreet own_tab" : "open other_tab");
});

test("a share from before the frame was there is reported to it", async () => {
  const track = captureTrack({ surface: "window" });
  room.localParticipant.trackPublications.set("1", {
    source: "screen_share",
    track: { mediaStreamTrack: track },
  });
  await loaded();
  await poll(() => told().sharing).toBe("discreet window");
  inFrame().guard?.clear();
  expect(told().sharing).toBe("open window");
  track.stop();
  await poll(() => told().sharing).toBe("open null");
});

test("a share that is published past the wrapper is reported too", async () => {
  await loaded();
  const track = captureTrack({ surface: "monitor" });
  room.emit("localTrackPublished", { source: "screen_share", track: { mediaStreamTrack: track } });
  await poll(() => told().sharing).toBe("discreet monitor");
  track.stop();
});

test("a share does not wait for a frame that hangs", async () => {
  await loaded();
  inFrame().room?.close();
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
  expect(stream.active).toBe(true);
  trackOf(stream).stop();
});

test("an origin that is none is refused at once", () => {
  put("");
  for (const origin of ["*", "null", "", "https://panel.example.com/path"])
    expect(() => bridge({ room, frame, origin })).toThrow(TypeError);
});

test("the state the coach sends reaches the frame", async () => {
  await loaded();
  await room.says("coach_state", JSON.stringify(state({ attention: "off" })));
  expect(told().attention).toBe("off");
});
