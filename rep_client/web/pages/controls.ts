/** Mute, share, leave. */
import {
  type LocalParticipant,
  type Room,
  RoomEvent,
  type ScreenShareCaptureOptions,
  Track,
} from "livekit-client";
import { notice, required } from "./page.js";

/** A page that is asked for with `?share=this-tab` offers itself: the one way to try what the panel does then. */
const THIS_TAB = new URLSearchParams(location.search).get("share") === "this-tab";
const CAPTURE: ScreenShareCaptureOptions = THIS_TAB
  ? { selfBrowserSurface: "include", preferCurrentTab: true }
  : { selfBrowserSurface: "exclude", surfaceSwitching: "include" };

export function bindControls(room: Room, leave: () => Promise<void>): void {
  const me = room.localParticipant;
  const mute = required("#mute", HTMLButtonElement);
  const share = document.querySelector<HTMLButtonElement>("#share");
  const show = () => {
    const microphone = me.getTrackPublication(Track.Source.Microphone);
    mute.disabled = !microphone;
    pressed(mute, microphone?.isMuted ?? false, "Mute", "Unmute");
    if (share) pressed(share, me.isScreenShareEnabled, "Share", "Stop");
  };
  for (const event of [
    RoomEvent.LocalTrackPublished,
    RoomEvent.LocalTrackUnpublished,
    RoomEvent.TrackMuted,
    RoomEvent.TrackUnmuted,
  ] as const) {
    room.on(event, show);
  }
  mute.addEventListener("click", () => void toggleMicrophone(me).then(show));
  share?.addEventListener("click", () => void toggleShare(me, share).then(show));
  required("#leave", HTMLButtonElement).addEventListener("click", () => void leave());
  show();
}

async function toggleMicrophone(me: LocalParticipant): Promise<void> {
  const microphone = me.getTrackPublication(Track.Source.Microphone);
  await (microphone?.isMuted ? microphone.unmute() : microphone?.mute());
}

async function toggleShare(me: LocalParticipant, button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  try {
    await me.setScreenShareEnabled(!me.isScreenShareEnabled, CAPTURE);
  } catch (error) {
    const refused = error instanceof DOMException && error.name === "NotAllowedError";
    notice(refused ? "Nothing is shared." : "The screen cannot be shared from this browser.");
  } finally {
    button.disabled = false;
  }
}

function pressed(button: HTMLButtonElement, on: boolean, off_label: string, on_label: string): void {
  button.setAttribute("aria-pressed", String(on));
  const label = button.querySelector(".label");
  if (label) label.textContent = on ? on_label : off_label;
}
