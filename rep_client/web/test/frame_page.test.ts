import { afterEach, beforeEach, expect, test } from "vitest";
import { type Bridge, bridge } from "../src/bridge.js";
import { BridgedCallRoom, RpcError } from "./bridged_call.js";
import { type Picker, standInForPicker, trackOf } from "./display_capture.js";

/** The framed page as it is shipped, with the panel in it. */
const PAGE = "/pages/frame.html";

let room: BridgedCallRoom;
let frame: HTMLIFrameElement;
let line: Bridge | undefined;
let picker: Picker;

beforeEach(() => {
  sessionStorage.clear();
  picker = standInForPicker();
  room = new BridgedCallRoom();
  frame = document.createElement("iframe");
  document.body.append(frame);
});

afterEach(() => {
  line?.close();
  frame.remove();
  picker.release();
});

const poll = (what: () => unknown) => expect.poll(what, { timeout: 10_000, interval: 20 });
const page = (): Document | null => frame.contentDocument;
const panel = () => page()?.querySelector("coach-panel");
const shown = (part: string): string =>
  panel()?.shadowRoot?.querySelector(`[part~="${part}"]`)?.textContent?.trim() ?? "";

async function load(): Promise<void> {
  frame.src = `${PAGE}?parent=${encodeURIComponent(location.origin)}&lang=de&theme=dark&disclosure=Hallo`;
  line = bridge({ room, frame, RpcError });
  await poll(() => room.handlers.size).toBe(2);
  await poll(() => panel()?.client?.state?.attention).toBe("live");
}

test("a nudge is painted in the frame and acked through the parent", async () => {
  await load();
  const ack: unknown = JSON.parse(await room.nudge("Ask who signs"));
  expect(ack).toMatchObject({ status: "shown" });
  expect(ack).toHaveProperty("painted_ms");
  expect(shown("headline")).toBe("Ask who signs");
});

test("language, theme and disclosure are taken from the address", async () => {
  await load();
  expect(panel()?.getAttribute("lang")).toBe("de");
  expect(panel()?.getAttribute("theme")).toBe("dark");
  expect(panel()?.getAttribute("disclosure")).toBe("Hallo");
  expect(page()?.documentElement.lang).toBe("de");
});

test("the panel in the frame is a dot before the parent's browser is asked", async () => {
  await load();
  let discreet: boolean | undefined;
  picker.called = () => {
    discreet = panel()?.hasAttribute("discreet");
  };
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
  expect(discreet).toBe(true);
  expect(await room.nudge("Nobody sees this")).toContain("hidden");
  trackOf(stream).stop();
  await poll(() => panel()?.hasAttribute("discreet")).toBe(false);
});

test("the next bridge serves the frame where one was closed", async () => {
  await load();
  line?.close();
  room = new BridgedCallRoom();
  line = bridge({ room, frame, RpcError });
  await poll(() => room.handlers.size).toBe(2);
  await poll(() => room.performed[0]?.method).toBe("coach_hello");
  expect(await room.nudge("In the next call")).toContain("shown");
});

test.each(["", "?parent=*", "?parent=https://app.example.com/page", "?parent=javascript:alert(1)"])(
  "a frame that was told of no parent refuses: %j",
  async (query) => {
    frame.src = PAGE + query;
    line = bridge({ room, frame, RpcError });
    await poll(() => page()?.querySelector<HTMLElement>("#refusal")?.hidden).toBe(false);
    expect(page()?.querySelector("#refusal")?.textContent).toContain("?parent=https://");
    expect(panel()).toBeNull();
    expect(room.handlers.size).toBe(0);
  },
);

test("a frame whose parent is another than it was told stays empty", async () => {
  frame.src = `${PAGE}?parent=https://app.example.com`;
  line = bridge({ room, frame, RpcError });
  await poll(() => panel()).toBeTruthy();
  expect([panel()?.client, room.handlers.size]).toEqual([null, 0]);
});
