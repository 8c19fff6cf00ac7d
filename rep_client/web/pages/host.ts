/**
 * A page of a team that cannot change its bundle: its own LiveKit call, with the panel in a frame beside it. Where to
 * call comes after the `#`, which no server gets to see: `#{"url": "ws://...", "token": "..."}`. `?panel=ORIGIN` takes the
 * framed page from another origin, `?lang=` and `?theme=` are passed on.
 */
import { Room, RoomEvent, RpcError } from "livekit-client";
import { bridge } from "../src/bridge.js";

interface Ticket {
  readonly url: string;
  readonly token: string;
}

function ticket(): Ticket {
  const { url, token } = JSON.parse(decodeURIComponent(location.hash.slice(1))) as Partial<Ticket>;
  if (typeof url !== "string" || typeof token !== "string") throw new TypeError("url and token are missing");
  return { url, token };
}

/** The framed page, told who frames it. */
function panelAddress(): string {
  const asked = new URLSearchParams(location.search);
  const address = new URL("frame.html", asked.get("panel") ?? location.href);
  address.searchParams.set("parent", location.origin);
  for (const name of ["lang", "theme", "disclosure", "key"]) {
    const value = asked.get(name);
    if (value !== null) address.searchParams.set(name, value);
  }
  return address.href;
}

function part<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`this page has no #${id}`);
  return found;
}

async function join(): Promise<void> {
  const room = new Room();
  const frame = part("panel", HTMLIFrameElement);
  frame.src = panelAddress();
  bridge({ room, frame, RpcError });
  const share = part("share", HTMLButtonElement);
  share.addEventListener("click", () => void toggleShare(room));
  part("leave", HTMLButtonElement).addEventListener("click", () => void room.disconnect());
  room.on(RoomEvent.ConnectionStateChanged, (state) => {
    part("status", HTMLElement).textContent = state;
  });
  const { url, token } = ticket();
  await room.connect(url, token);
  part("share", HTMLButtonElement).disabled = false;
  await room.localParticipant.setMicrophoneEnabled(true);
}

async function toggleShare(room: Room): Promise<void> {
  const me = room.localParticipant;
  try {
    await me.setScreenShareEnabled(!me.isScreenShareEnabled, { selfBrowserSurface: "include" });
  } catch {
    // The rep closed the picker: nothing is shared.
  }
  part("share", HTMLButtonElement).setAttribute("aria-pressed", String(me.isScreenShareEnabled));
}

join().catch((fault: unknown) => {
  const why = fault instanceof Error ? fault.message : String(fault);
  part("status", HTMLElement).textContent = `The call cannot be joined: ${why}`;
});
