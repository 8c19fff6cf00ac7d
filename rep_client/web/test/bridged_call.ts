/** A parent's room to test the bridge with, in the shape of livekit-client's; the test plays the coach. */
import type {
  BridgedCall,
  BridgedEvent,
  BridgedPublication,
  BridgedRoom,
} from "../src/frame/bridged_room.js";
import { COACH, nudge, state } from "./fixtures.js";

type Performed = Parameters<BridgedRoom["localParticipant"]["performRpc"]>[0];

export const AGENT = 4;
export const STANDARD = 0;

/** As livekit-client's: only errors of this class carry a code to the caller. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export class BridgedCallRoom implements BridgedRoom {
  state = "connected";
  readonly performed: Performed[] = [];
  readonly remoteParticipants = new Map([[COACH, { identity: COACH, kind: AGENT }]]);
  /** What the coach answers; by default the call's state, or `ok`. */
  coachAnswers: (call: Performed) => Promise<string> = async ({ method }) =>
    method === "coach_feedback" ? "ok" : JSON.stringify(state());
  readonly localParticipant = {
    trackPublications: new Map<string, BridgedPublication>(),
    performRpc: (call: Performed): Promise<string> => {
      this.performed.push(call);
      return this.coachAnswers(call);
    },
  };
  readonly handlers = new Map<string, (call: BridgedCall) => Promise<string>>();
  readonly #listeners = new Map<BridgedEvent, Set<(subject?: unknown) => void>>();

  registerRpcMethod(method: string, handler: (call: BridgedCall) => Promise<string>): void {
    if (this.handlers.has(method)) throw new Error(`RPC handler already registered for method ${method}`);
    this.handlers.set(method, handler);
  }

  unregisterRpcMethod(method: string): void {
    this.handlers.delete(method);
  }

  on(event: BridgedEvent, listener: (subject?: unknown) => void): void {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(listener));
  }

  off(event: BridgedEvent, listener: (subject?: unknown) => void): void {
    this.#listeners.get(event)?.delete(listener);
  }

  emit(event: BridgedEvent, subject?: unknown): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(subject);
  }

  get listening(): number {
    return [...this.#listeners.values()].reduce((sum, some) => sum + some.size, 0);
  }

  /** Somebody calls a method of the rep's; 1400 where nobody answers it. */
  async says(method: string, payload: string, from = COACH, responseTimeout = 4000): Promise<string> {
    const handler = this.handlers.get(method);
    if (!handler) throw new RpcError(1400, "no such method");
    return handler({ callerIdentity: from, payload, responseTimeout });
  }

  nudge(headline: string, from = COACH): Promise<string> {
    return this.says("coach_nudge", JSON.stringify(nudge({ headline })), from);
  }
}
