/** The prospect's page: the rep's call page without a coach, and a line that counts what reached it all the same. */

import { newRoom } from "./call.js";
import { callInAddress, callStanding, prospectTicket, recordedVoice } from "./call_api.js";
import { received } from "./data_counter.js"; // first: it must see every connection
import { joinOnClick } from "./lobby.js";
import { publishVoice } from "./microphone.js";
import { required, say } from "./page.js";
import { RecordedVoice } from "./recorded_voice.js";

const LOOK_EVERY = 1000;

async function welcome(call: string): Promise<void> {
  const ticket = await prospectTicket(call);
  const looksOn = ticket.prospect === "recorded";
  required("#voices", HTMLFieldSetElement).hidden = looksOn;
  required("#mute", HTMLButtonElement).hidden = looksOn;
  required("#who", HTMLElement).textContent = looksOn
    ? "You look on from the other side"
    : `You are ${ticket.name}, the prospect`;
}

async function join(call: string, context: AudioContext): Promise<void> {
  const ticket = await prospectTicket(call);
  const looksOn = ticket.prospect === "recorded";
  const chosen = new FormData(required("#lobby", HTMLFormElement)).get("voice");
  const voice =
    !looksOn && chosen === "recorded"
      ? await RecordedVoice.load(recordedVoice(call, "prospect"), context)
      : null;
  const room = newRoom(context);
  await room.connect(ticket.url, ticket.token);
  await room.startAudio();
  if (!looksOn) await publishVoice(room, voice);
  if (voice) void followRecording(call, voice);
}

/** The rep's page begins the recording; this one falls in. */
async function followRecording(call: string, voice: RecordedVoice): Promise<void> {
  say("Tom’s recorded voice begins once the coach hears both of you.");
  let position: number | null = null;
  while (position === null) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY / 4));
    position = (await callStanding(call)).position;
  }
  say("");
  voice.begin(position);
}

async function count(): Promise<void> {
  const { messages, bytes } = await received();
  const line = required("#received", HTMLElement);
  line.dataset.messages = String(messages);
  line.dataset.bytes = String(bytes);
  required("#received-count", HTMLElement).textContent = `${messages} messages, ${bytes} bytes`;
}

const call = callInAddress();
if (call) {
  welcome(call).catch((error: Error) => {
    required("#fault", HTMLElement).textContent = error.message;
  });
  void joinOnClick((context) => join(call, context));
  setInterval(() => void count(), LOOK_EVERY);
} else {
  required("#fault", HTMLElement).textContent =
    "This address names no call: copy the link from the rep’s page.";
  required("#join", HTMLButtonElement).disabled = true;
}
