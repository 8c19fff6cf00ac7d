import { CoachClient } from "cornerman-client";
import "cornerman-client/element";
import { Room } from "livekit-client";

/** Joins the call as the rep, with the coach's panel in `corner`. */
export async function joinAsRep(url: string, token: string, corner: HTMLElement): Promise<Room> {
  const room = new Room();
  const panel = document.createElement("coach-panel");
  panel.setAttribute(
    "disclosure",
    "An AI assistant listens to this call and helps me; is that all right with you?",
  );
  corner.replaceChildren(panel);
  const coach = new CoachClient(room, { client: "my-product" });
  panel.client = coach;
  coach.start();
  await room.connect(url, token);
  await room.localParticipant.setMicrophoneEnabled(true);
  return room;
}
