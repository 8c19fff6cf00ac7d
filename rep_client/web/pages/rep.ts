/**
 * The rep's page, and the reference for embedding: `coachIn` is all it takes. The rest of this file is the demo's own
 * call: who joins, and a recording that begins once the coach hears both voices.
 */
import { CoachClient } from "cornerman-client";
import "cornerman-client/element";
import { type Room, RoomEvent } from "livekit-client";
import { newRoom } from "./call.js";
import {
  beginCall,
  type CallWish,
  callInAddress,
  endCall,
  playRecording,
  type RepTicket,
  recordedVoice,
  repTicket,
} from "./call_api.js";
import { joinOnClick } from "./lobby.js";
import { publishVoice } from "./microphone.js";
import { Narration } from "./narration.js";
import { required } from "./page.js";
import { RecordedVoice } from "./recorded_voice.js";

/** The coach in a room the rep joins: a client for the room, and the panel for the client. */
function coachIn(room: Room): CoachClient {
  const client = new CoachClient(room, { client: "cornerman-demo-page" });
  const panel = document.querySelector("coach-panel");
  if (panel) panel.client = client;
  client.start();
  return client;
}

const asked = new URLSearchParams(location.search);
const wish: CallWish = {
  prospect: asked.get("prospect") === "browser" ? "browser" : "recorded",
  rep_voice: asked.get("rep_voice") === "own" ? "own" : "recorded",
  consent: asked.get("consent") === "granted" ? "granted" : "rep_discloses",
};

/** The call in the address, if it is still on: a page that was loaded anew finds back. Else a new one. */
async function ticketFor(known: string | null): Promise<RepTicket> {
  if (known) {
    try {
      return await repTicket(known);
    } catch {
      history.replaceState(null, "", location.search || location.pathname);
    }
  }
  return beginCall(wish);
}

async function join(context: AudioContext): Promise<void> {
  const ticket = await ticketFor(callInAddress());
  const { call } = ticket;
  history.replaceState(null, "", `${location.search}#call=${call}`);
  const voice =
    ticket.rep_voice === "recorded" ? await RecordedVoice.load(recordedVoice(call, "rep"), context) : null;
  const room = newRoom(context, async () => {
    await endCall(call);
  });
  const client = coachIn(room);
  await room.connect(ticket.url, ticket.rep.token);
  await room.startAudio();
  await publishVoice(room, voice);
  invite(room, ticket);
  const narration = new Narration(client, ticket);
  narration.onBothHeard(async () => {
    const position = await playRecording(call);
    voice?.begin(position);
    narration.playing(position);
  });
  room.once(RoomEvent.Disconnected, () => {
    narration.stop();
    client.close();
  });
}

/** How the prospect gets in, until there is one. */
function invite(room: Room, ticket: RepTicket): void {
  const link = new URL(ticket.prospect_page, location.href).href;
  const field = required("#invite-link", HTMLInputElement);
  field.value = link;
  required("#invite-open", HTMLAnchorElement).href = link;
  const copy = required("#copy", HTMLButtonElement);
  copy.addEventListener("click", async () => {
    field.select();
    await navigator.clipboard.writeText(link);
    copy.textContent = "Copied";
  });
  const otherSide = required("#other-side", HTMLAnchorElement);
  otherSide.href = link;
  otherSide.hidden = ticket.prospect === "browser";
  const show = () => {
    const others = [...room.remoteParticipants.values()].some((one) => !one.isAgent);
    required("#invite", HTMLElement).hidden = ticket.prospect === "recorded" || others;
  };
  room.on(RoomEvent.ParticipantConnected, show);
  room.on(RoomEvent.ParticipantDisconnected, show);
  show();
}

required("#about", HTMLElement).textContent =
  wish.rep_voice === "recorded"
    ? "Her recorded voice is your microphone. You hear both sides, and see what only she sees."
    : "Your microphone is hers. The coach hears nobody until you have told the other side about it.";
if (callInAddress()) required("#join", HTMLButtonElement).textContent = "Join again";
void joinOnClick(join);
