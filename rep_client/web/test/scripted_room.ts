/**
 * A room to test with, in which the test plays the coach. What is not scripted answers as a coach would.
 *
 *     const room = new ScriptedRoom();            // connected, with the agent `cornerman-1` in it
 *     const client = new CoachSession(room);
 *     client.start();                             // says hello on its own; the answer is `room.state`
 *     await room.heard("coach_hello");
 *     await room.coachSays.nudge({ headline: "Ask who signs" });   // the client's answer: "shown", ...
 *     await room.coachSays.state({ attention: "quiet" });
 *     await client.feedback("1-1", "useful");
 *     room.calls.at(-1);                          // { to, method, request: { v: 1, id: "1-1", feedback: "useful" } }
 *     room.coachAnswers("coach_ask", () => { throw new CallFailed(4409, "switched off"); });
 */

import { Emitter } from "../src/client/events.js";
import {
  CallFailed,
  type CoachRoom,
  type IncomingCall,
  type RoomEvents,
  type RoomStatus,
} from "../src/client/room.js";
import type { Nudge, State } from "../src/contract.js";
import * as contract from "../src/contract.js";
import { COACH, nudge, state } from "./fixtures.js";

/** One call the client made; `request` is its payload, parsed. */
export interface CallMade {
  readonly to: string;
  readonly method: string;
  readonly request: Readonly<Record<string, unknown>>;
}

/** What the coach answers to one call: an object of the contract, or throws a `CallFailed`. */
export type Answer = (request: Readonly<Record<string, unknown>>, to: string) => unknown;

export class ScriptedRoom implements CoachRoom {
  status: RoomStatus;
  /** What the coach answers to hello, consent and control. */
  state: State = state();
  /** Every call the client made, in order. */
  readonly calls: CallMade[] = [];
  /** What the client answered, in order. */
  readonly answers: string[] = [];
  readonly #events = new Emitter<RoomEvents>();
  readonly #people = new Map<string, { readonly agent: boolean }>();
  readonly #handlers = new Map<string, (call: IncomingCall) => Promise<string>>();
  readonly #scripted = new Map<string, Answer>();
  readonly #waiting = new Set<() => void>();
  #listeners = 0;

  constructor({ status = "connected" as RoomStatus, coach = COACH as string | null } = {}) {
    this.status = status;
    if (coach !== null) this.#people.set(coach, { agent: true });
  }

  // -- what a test does --

  /** Calls of the coach, or of whoever `from` names. Resolve to the client's answer, reject with its `Refusal`. */
  readonly coachSays = {
    nudge: (change: Partial<Nudge> = {}, from = COACH): Promise<string> =>
      this.says(contract.NUDGE, JSON.stringify(nudge(change)), from),
    state: (change: Partial<State> = {}, from = COACH): Promise<string> =>
      this.says(contract.STATE, JSON.stringify(state(change)), from),
  };

  /** Calls one of the client's methods with any payload; 1400 where it has none of this name. */
  async says(method: string, payload: string, from = COACH): Promise<string> {
    const handler = this.#handlers.get(method);
    if (!handler) throw new CallFailed(1400, "no such method");
    const answer = await handler({ caller: from, payload });
    this.answers.push(answer);
    return answer;
  }

  /** What the coach answers from now on when this method is called. */
  coachAnswers(method: string, answer: Answer): void {
    this.#scripted.set(method, answer);
  }

  /** Resolves once the client has called this method so often in all. */
  async heard(method: string, times = 1): Promise<CallMade> {
    for (;;) {
      const made = this.calls.filter((call) => call.method === method)[times - 1];
      if (made) return made;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Somebody comes, or the room now lists who was there unlisted. */
  join(identity: string, { agent = identity.startsWith(contract.DEFAULT_IDENTITY_PREFIX) } = {}): void {
    this.#people.set(identity, { agent });
    this.#events.emit("joined", { identity });
  }

  leave(identity: string): void {
    this.#people.delete(identity);
    this.#events.emit("left", { identity });
  }

  /** The room's own connection changes; `reason` for a room that was left for good. */
  becomes(status: RoomStatus, reason?: string): void {
    this.status = status;
    this.#events.emit("status", reason === undefined ? { status } : { status, reason });
  }

  /** Handlers and listeners the client holds now. */
  get borrowed(): number {
    return this.#handlers.size + this.#listeners;
  }

  // -- what the client does --

  listedAsAgent(identity: string): boolean | null {
    return this.#people.get(identity)?.agent ?? null;
  }

  identities(): readonly string[] {
    return [...this.#people.keys()];
  }

  answer(method: string, handler: (call: IncomingCall) => Promise<string>): () => void {
    if (this.#handlers.has(method)) throw new Error(`${method} is answered already`);
    this.#handlers.set(method, handler);
    return () => this.#handlers.delete(method);
  }

  async call(to: string, method: string, payload: string): Promise<string> {
    const request = JSON.parse(payload) as Readonly<Record<string, unknown>>;
    this.calls.push({ to, method, request });
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    const scripted = this.#scripted.get(method);
    const answer = await (scripted ? scripted(request, to) : this.#usual(method, request));
    return typeof answer === "string" ? answer : JSON.stringify(answer);
  }

  on<Type extends keyof RoomEvents>(type: Type, listener: (event: RoomEvents[Type]) => void): () => void {
    const off = this.#events.on(type, listener);
    this.#listeners += 1;
    return () => {
      off();
      this.#listeners -= 1;
    };
  }

  #usual(method: string, request: Readonly<Record<string, unknown>>): unknown {
    switch (method) {
      case contract.CONTROL:
        this.state = { ...this.state, attention: request.attention as State["attention"] };
        return this.state;
      case contract.SOURCE:
        return {
          v: 1,
          id: request.id,
          title: "Price objection",
          text: "First listen.\nThen ask.",
          cut: false,
        };
      case contract.ASK:
        return { v: 1, id: "1-q1" };
      case contract.NOTES:
        return { v: 1, page: request.page, pages: 1, markdown: "## Needs\n- 40 seats" };
      case contract.FEEDBACK:
        return "ok";
      default:
        return this.state;
    }
  }
}
