/**
 * The room of a framed panel: everything goes over a port to the page around it, where `Cornerman.bridge` stands
 * before the LiveKit room. Every message is checked; calls have a deadline of their own, so that a parent that falls
 * silent leaves nobody waiting.
 */
import {
  CallFailed,
  type CoachRoom,
  type IncomingCall,
  Refusal,
  type RoomEvents,
  type RoomStatus,
} from "../client/room.js";
import type { ShareReports } from "../guard/discretion.js";
import { FROM_PARENT, type FromFrame, type FromParent, read, short } from "./wire.js";

/** LiveKit's codes for what goes wrong on the way. */
const FAILED = 1500;
const NO_ANSWER = 1502;
/** What a call may take longer than it was told, in milliseconds: the way through the parent. */
const GRACE_MS = 1000;
/** LiveKit's names for why a room was left, by number. */
const REASONS = [
  "unknown_reason",
  "client_initiated",
  "duplicate_identity",
  "server_shutdown",
  "participant_removed",
  "room_deleted",
  "state_mismatch",
  "join_failure",
  "migration",
  "signal_close",
  "room_closed",
  "user_unavailable",
  "user_rejected",
  "sip_trunk_failure",
  "connection_timeout",
  "media_failure",
  "agent_error",
];

interface Waiting {
  readonly resolve: (payload: string) => void;
  readonly reject: (failure: CallFailed) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

type Listeners = { readonly [Type in keyof RoomEvents]: Set<(event: RoomEvents[Type]) => void> };

export class FramedRoom implements CoachRoom {
  readonly #port: MessagePort;
  readonly #handlers = new Map<string, (call: IncomingCall) => Promise<string>>();
  readonly #calls = new Map<number, Waiting>();
  readonly #listeners: Listeners = { status: new Set(), joined: new Set(), left: new Set() };
  #coaches: ReadonlyMap<string, boolean> = new Map();
  #status: RoomStatus = "connecting";
  #last = 0;
  #closed = false;
  #shares: ShareReports | null = null;

  /** The port is this room's from now on. */
  constructor(port: MessagePort) {
    this.#port = port;
    port.addEventListener("message", this.#received);
    port.start();
  }

  get status(): RoomStatus {
    return this.#status;
  }

  listedAsAgent(identity: string): boolean | null {
    return this.#coaches.get(identity) ?? null;
  }

  identities(): readonly string[] {
    return [...this.#coaches.keys()];
  }

  answer(method: string, handler: (call: IncomingCall) => Promise<string>): () => void {
    this.#handlers.set(method, handler);
    this.#say({ type: "answers", method, answers: true });
    return () => {
      if (this.#handlers.get(method) !== handler) return;
      this.#handlers.delete(method);
      this.#say({ type: "answers", method, answers: false });
    };
  }

  call(identity: string, method: string, payload: string, timeout: number): Promise<string> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      const late = (): void => this.#fail(id, NO_ANSWER, "the page around this frame did not answer in time");
      this.#calls.set(id, { resolve, reject, timer: setTimeout(late, timeout + GRACE_MS) });
      this.#say({ type: "call", id, identity, method, payload, timeout: Math.max(0, Math.round(timeout)) });
    });
  }

  on<Type extends keyof RoomEvents>(type: Type, listener: (event: RoomEvents[Type]) => void): () => void {
    this.#listeners[type].add(listener);
    return () => this.#listeners[type].delete(listener);
  }

  /** Who hears of the parent's screen shares; `hidden` is to be said for every one that is being chosen. */
  reportSharesTo(shares: ShareReports | null): void {
    this.#shares = shares;
  }

  hidden(id: number): void {
    this.#say({ type: "hidden", id });
  }

  /** Leaves the parent alone: open calls fail, nothing is answered any more. */
  close(): void {
    this.#leave("closed");
    this.#port.removeEventListener("message", this.#received);
    this.#port.close();
  }

  readonly #received = ({ data }: MessageEvent<unknown>): void => {
    const message = read(FROM_PARENT, data);
    if (message) this.#take(message);
  };

  #take(message: FromParent): void {
    switch (message.type) {
      case "room":
        if (message.left === null) this.#stand(message.status);
        else this.#leave(REASONS[message.left] ?? "unknown_reason");
        break;
      case "coaches":
        this.#list(new Map(message.coaches.map((coach) => [coach.identity, coach.agent])));
        break;
      case "incoming":
        void this.#handle(message.id, message.method, message);
        break;
      case "answered":
        this.#settle(message.id)?.resolve(message.payload);
        break;
      case "failed":
        this.#fail(message.id, message.code, message.message);
        break;
      case "choosing":
        if (this.#shares) this.#shares.choosing(message.id);
        else this.hidden(message.id);
        break;
      case "captured":
        this.#shares?.captured(message.id, message);
        break;
      case "ended":
        this.#shares?.ended(message.id);
        break;
      case "closed":
        this.#leave("closed");
        break;
    }
  }

  async #handle(id: number, method: string, { caller, payload }: IncomingCall): Promise<void> {
    const handler = this.#handlers.get(method);
    try {
      if (!handler) throw new Refusal(1400, "Method not supported at destination");
      this.#say({ type: "answer", id, payload: await handler({ caller, payload }) });
    } catch (fault) {
      // Only what was refused on purpose has words for the caller.
      const refusal =
        fault instanceof Refusal ? fault : new Refusal(FAILED, "Application error in method handler");
      this.#say({ type: "refuse", id, code: refusal.code, message: short(refusal.message) });
    }
  }

  #list(coaches: ReadonlyMap<string, boolean>): void {
    const before = this.#coaches;
    this.#coaches = coaches;
    for (const identity of before.keys()) if (!coaches.has(identity)) this.#tell("left", { identity });
    for (const [identity, agent] of coaches)
      if (before.get(identity) !== agent) this.#tell("joined", { identity });
  }

  #stand(status: RoomStatus, reason?: string): void {
    if (this.#status === status && reason === undefined) return;
    this.#status = status;
    this.#tell("status", reason === undefined ? { status } : { status, reason });
  }

  #leave(reason: string): void {
    if (this.#closed) return;
    this.#closed = reason === "closed";
    for (const id of this.#calls.keys()) this.#fail(id, FAILED, "the room was left");
    this.#stand("disconnected", reason);
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#calls.get(id);
    this.#calls.delete(id);
    clearTimeout(waiting?.timer);
    return waiting;
  }

  #fail(id: number, code: number, message: string): void {
    this.#settle(id)?.reject(new CallFailed(code, message));
  }

  #tell<Type extends keyof RoomEvents>(type: Type, event: RoomEvents[Type]): void {
    for (const listener of this.#listeners[type]) listener(event);
  }

  #say(message: FromFrame): void {
    this.#port.postMessage(message);
  }
}
