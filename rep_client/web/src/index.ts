/**
 * The headless client: attaches to the rep's own LiveKit room, listens to the coach alone, and speaks to it.
 *
 *     const coach = new CoachClient(room);
 *     coach.on("nudge", (nudge) => show(nudge));
 *     coach.start();
 */
import type { Room } from "livekit-client";
import { CoachSession } from "./client/coach_session.js";
import { LivekitRoom } from "./client/livekit_room.js";
import type { CoachOptions } from "./client/options.js";

export type { Coach, CoachEvents, ConsentOptions, Painter, Standing } from "./client/coach.js";
export { CoachSession } from "./client/coach_session.js";
export {
  AnswerUnreadable,
  ClientClosed,
  CoachError,
  CoachRefused,
  CoachUnavailable,
} from "./client/errors.js";
export type { CoachOptions } from "./client/options.js";
export { CallFailed, type CoachRoom, type IncomingCall, Refusal, type RoomEvents } from "./client/room.js";
export type * from "./contract.js";
export { DEFAULT_IDENTITY_PREFIX } from "./contract.js";

/**
 * One rep's line to the coach of one call. The room stays the embedder's to connect and disconnect, and may be handed
 * over before it is connected. A client is for one connection: once closed, make a new one.
 */
export class CoachClient extends CoachSession {
  constructor(room: Room, options: CoachOptions = {}) {
    super(new LivekitRoom(room), options);
  }
}
