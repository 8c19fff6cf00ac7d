/**
 * The part of a LiveKit room the client uses, so that a framed page or a test can stand in for one. A `Room` of
 * livekit-client is made into one by `livekit_room.ts`.
 */

/** A call of one of the rep's methods. `caller` is vouched for by the server. */
export interface IncomingCall {
  readonly caller: string;
  readonly payload: string;
}

/** Refuses a call: `code` and `message` go back to the caller, and nothing else does. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** A call to the coach failed. `code` as LiveKit numbers them: 1001 to 1999 are the transport's own. */
export class CallFailed extends Error {
  override readonly name = "CallFailed";
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export type RoomStatus = "connecting" | "connected" | "reconnecting" | "disconnected";

export interface RoomEvents {
  /** `reason` is set when the room was left for good: LiveKit's name of it in lower case, such as `duplicate_identity`. */
  status: { readonly status: RoomStatus; readonly reason?: string };
  /** Somebody came, or the room learned more of them. */
  joined: { readonly identity: string };
  left: { readonly identity: string };
}

export interface CoachRoom {
  readonly status: RoomStatus;
  /** Whether the room lists this identity as an agent; null while it does not list it at all. */
  listedAsAgent(identity: string): boolean | null;
  /** Identities the room lists now. */
  identities(): readonly string[];
  /** Answers calls of this method until the returned function is called; a handler refuses with `Refusal`. */
  answer(method: string, handler: (call: IncomingCall) => Promise<string>): () => void;
  /** Calls a method of somebody; `timeout` in milliseconds. Rejects with `CallFailed`. */
  call(identity: string, method: string, payload: string, timeout: number): Promise<string>;
  on<Type extends keyof RoomEvents>(type: Type, listener: (event: RoomEvents[Type]) => void): () => void;
}
