/** The voice this page brings into the call: the person's own, or a recorded one. */
import { type Room, Track } from "livekit-client";
import { notice } from "./page.js";
import type { RecordedVoice } from "./recorded_voice.js";

/** Publishes the recorded voice, or the person's own microphone where there is none. Without either the call goes on. */
export async function publishVoice(room: Room, recorded: RecordedVoice | null): Promise<void> {
  if (recorded) {
    await room.localParticipant.publishTrack(recorded.track, {
      source: Track.Source.Microphone,
      name: "recorded voice",
    });
    return;
  }
  try {
    await room.localParticipant.setMicrophoneEnabled(true);
  } catch {
    notice("There is no microphone, or it may not be used: you hear the others, and nobody hears you.");
  }
}
