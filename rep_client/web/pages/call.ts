/** Joining a LiveKit room as any product would, and what both sides of the demo do alike. */
import { DisconnectReason, LogLevel, Room, RoomEvent, setLogLevel } from "livekit-client";
import { bindControls } from "./controls.js";
import { showEnd } from "./lobby.js";
import { say } from "./page.js";
import { Stage } from "./stage.js";

setLogLevel(LogLevel.warn);

const WHY: Readonly<Record<number, string>> = {
  [DisconnectReason.DUPLICATE_IDENTITY]: "You joined this call in another tab.",
  [DisconnectReason.ROOM_DELETED]: "The call is over.",
  [DisconnectReason.ROOM_CLOSED]: "The call is over.",
  [DisconnectReason.CLIENT_INITIATED]: "You left the call.",
};

/** A room with its stage and controls, not connected yet. */
export function newRoom(context: AudioContext, leave: () => Promise<void> = async () => {}): Room {
  const room = new Room({ adaptiveStream: true, dynacast: true });
  new Stage(room, context);
  bindControls(room, async () => {
    await room.disconnect();
    await leave();
  });
  room.on(RoomEvent.Reconnecting, () => say("The connection was lost; trying again …"));
  room.on(RoomEvent.Reconnected, () => say(""));
  room.on(RoomEvent.Disconnected, (reason) =>
    showEnd((reason === undefined ? undefined : WHY[reason]) ?? "The connection to the call is lost."),
  );
  return room;
}
