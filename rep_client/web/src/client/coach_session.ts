/**
 * The rep's side of the private line: nudges and call states in, feedback, consent and wishes out.
 *
 * Answers `coach_nudge` and `coach_state`, but only to the coach; says hello to every coach that appears, so that nothing
 * sent before is missed. Promises: nobody but the coach is listened to and all others get one fixed answer; each revision
 * of a card is handed out once; no payload is echoed or logged; `close` gives everything back.
 */
import type { Attention, FeedbackKind, Hello, NotesPage, SourceText, State } from "../contract.js";
import * as contract from "../contract.js";
import { Cards, DROPPED } from "./cards.js";
import type { Coach, CoachEvents, ConsentOptions, Painter, Standing } from "./coach.js";
import { Coaches } from "./coaches.js";
import { ClientClosed, CoachError, CoachUnavailable } from "./errors.js";
import { Emitter } from "./events.js";
import { Greeter } from "./greeter.js";
import { CoachLine } from "./line.js";
import { type CoachOptions, helloOf } from "./options.js";
import { Presence } from "./presence.js";
import { readNudge, readState, segmentOf } from "./reading.js";
import { type CoachRoom, type IncomingCall, Refusal, type RoomEvents } from "./room.js";

export class CoachSession implements Coach {
  readonly #room: CoachRoom;
  readonly #hello: Hello;
  readonly #events = new Emitter<CoachEvents>();
  readonly #coaches: Coaches;
  readonly #line: CoachLine;
  readonly #cards = new Cards((nudge) => this.#events.emit("nudge", nudge));
  readonly #greeter = new Greeter((coach) => this.#sayHello(coach));
  readonly #presence = new Presence((lost) => this.#onPresence(lost));
  #borrowed: (() => void)[] = [];
  #started = false;
  #connected = false;
  #state: State | null = null;
  #stateSender: string | null = null;
  #obeyed: { readonly coach: string; readonly segment: number } | null = null;
  #standing: Standing = { coach: null, lost: false, reconnecting: false, closed: null };

  constructor(room: CoachRoom, options: CoachOptions = {}) {
    const prefix = options.identityPrefix ?? contract.DEFAULT_IDENTITY_PREFIX;
    this.#room = room;
    this.#coaches = new Coaches(prefix, (identity) => room.listedAsAgent(identity));
    this.#line = new CoachLine(room);
    this.#hello = helloOf(options);
  }

  /** Answers the coach from now on, or as soon as the room is connected. Throws `ClientClosed` after `close`. */
  start(): void {
    if (this.#standing.closed !== null) throw new ClientClosed(this.#standing.closed);
    if (this.#started) return;
    try {
      this.#borrowed.push(this.#room.answer(contract.NUDGE, (call) => this.#onNudge(call)));
      this.#borrowed.push(this.#room.answer(contract.STATE, (call) => this.#onState(call)));
    } catch (error) {
      this.#giveBack();
      throw new CoachError("the room has a client already; close that one first", { cause: error });
    }
    this.#started = true;
    this.#borrowed.push(
      this.#room.on("status", (event) => this.#onStatus(event)),
      this.#room.on("joined", ({ identity }) => this.#onJoined(identity)),
      this.#room.on("left", ({ identity }) => this.#onLeft(identity)),
    );
    this.#onStatus({ status: this.#room.status });
  }

  /** Answers nobody any more and ends every timer. Safe to call twice. */
  close(): void {
    this.#end("closed");
  }

  on<Type extends keyof CoachEvents>(type: Type, listener: (event: CoachEvents[Type]) => void): () => void {
    return this.#events.on(type, listener);
  }

  get state(): State | null {
    return this.#state;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** Why the last hello failed; null when it was answered. */
  get greetingError(): CoachError | null {
    return this.#greeter.lastError;
  }

  get painter(): Painter | null {
    return this.#cards.painter;
  }

  set painter(painter: Painter | null) {
    const another = painter !== null && painter !== this.#cards.painter;
    this.#cards.painter = painter;
    if (another) this.#askForCards();
  }

  get visible(): boolean {
    return this.#cards.visible;
  }

  set visible(visible: boolean) {
    const again = visible && !this.#cards.visible;
    this.#cards.visible = visible;
    if (again) this.#askForCards();
  }

  async hello(): Promise<State> {
    return this.#sayHello();
  }

  async consent(
    identities: readonly string[],
    { granted, how = "", text = "" }: ConsentOptions,
  ): Promise<State> {
    return this.#askState(contract.CONSENT, "ConsentRequest", { identities, granted, how, text });
  }

  async control(attention: Attention): Promise<State> {
    return this.#askState(contract.CONTROL, "ControlRequest", { attention });
  }

  async feedback(nudgeId: string, kind: FeedbackKind): Promise<void> {
    const coach = this.#reachable();
    await this.#line.ask(coach, contract.FEEDBACK, "FeedbackRequest", { id: nudgeId, feedback: kind });
  }

  async source(sourceId: string): Promise<SourceText> {
    return this.#line.askFor("SourceText", this.#reachable(), contract.SOURCE, "SourceRequest", {
      id: sourceId,
    });
  }

  async ask(question: string): Promise<string> {
    return (await this.#line.askFor("Asked", this.#reachable(), contract.ASK, "Ask", { question })).id;
  }

  async notes(page = 1): Promise<NotesPage> {
    return this.#line.askFor("NotesPage", this.#reachable(), contract.NOTES, "NotesRequest", { page });
  }

  #reachable(): string {
    const { closed } = this.#standing;
    const coach = this.#coaches.leader;
    if (closed !== null) throw new ClientClosed(closed);
    if (coach === null) throw new CoachUnavailable("there is no coach in the room yet");
    return coach;
  }

  #sayHello(coach = this.#reachable()): Promise<State> {
    return this.#askState(contract.HELLO, "Hello", this.#hello, coach);
  }

  async #askState<Name extends keyof contract.Models>(
    method: string,
    kind: Name,
    request: contract.Models[Name],
    coach = this.#reachable(),
  ): Promise<State> {
    const state = await this.#line.askFor("State", coach, method, kind, request);
    // An answer that outlives its coach, or the client, changes nothing.
    const current = this.#standing.closed === null && this.#coaches.known.includes(coach);
    if (current && this.#coaches.trusts(coach)) this.#takeState(coach, state);
    return state;
  }

  /** On hello the coach sends unexpired cards again, and now they are seen. */
  #askForCards(): void {
    const coach = this.#coaches.leader;
    if (coach !== null && this.#standing.closed === null) this.#greeter.greet(coach, true);
  }

  // -- calls of the coach --

  async #onNudge({ caller, payload }: IncomingCall): Promise<string> {
    const entered = performance.now();
    this.#admit(caller);
    const nudge = readNudge(payload);
    if (!this.#obeys(caller, segmentOf(nudge))) return DROPPED;
    this.#presence.heard();
    return this.#ifTrusted(caller, await this.#cards.takeUp(nudge, caller, entered));
  }

  async #onState({ caller, payload }: IncomingCall): Promise<string> {
    this.#admit(caller);
    const state = readState(payload);
    return this.#ifTrusted(caller, this.#takeState(caller, state) ? "ok" : DROPPED);
  }

  /** Turns strangers away, all with the same words; greets a coach that called before the room listed it. */
  #admit(caller: string): void {
    this.#ifTrusted(caller, "");
    this.#coaches.meet(caller);
    this.#greeter.greet(caller);
  }

  /** The answer, unless the room has said meanwhile that the caller is no coach. */
  #ifTrusted(caller: string, answer: string): string {
    if (this.#coaches.trusts(caller)) return answer;
    this.#disown(caller);
    throw new Refusal(contract.STRANGER_CODE, contract.STRANGER_TEXT);
  }

  #obeys(coach: string, segment: number): boolean {
    const obeyed = this.#coaches.obeys(coach, segment);
    if (obeyed) {
      const before = this.#obeyed;
      this.#obeyed = { coach, segment };
      // A successor without its predecessor's journal mints the same ids for other cards.
      if (before && before.coach !== coach && segment <= before.segment) this.#cards.forgetAll();
    }
    this.#tell();
    return obeyed;
  }

  #takeState(coach: string, state: State): boolean {
    if (!this.#obeys(coach, state.segment)) return false;
    this.#presence.heard();
    this.#stateSender = coach;
    this.#state = state;
    this.#events.emit("state", state);
    return true;
  }

  // -- what the room says --

  #onStatus({ status, reason }: RoomEvents["status"]): void {
    if (status === "disconnected") {
      // A first attempt that failed is the embedder's to repeat.
      if (this.#connected) this.#end(reason ?? "unknown_reason");
    } else if (status === "connected") {
      this.#connected = true;
      if (this.#standing.reconnecting)
        for (const coach of this.#coaches.known) this.#greeter.greet(coach, true);
      for (const identity of this.#room.identities()) this.#onJoined(identity);
      this.#tell({ reconnecting: false });
    } else if (status === "reconnecting") {
      this.#connected = true;
      this.#tell({ reconnecting: true });
    }
  }

  #onJoined(identity: string): void {
    if (this.#coaches.trusts(identity)) {
      this.#coaches.meet(identity);
      this.#greeter.greet(identity);
    } else {
      this.#disown(identity);
    }
    this.#tell();
  }

  #onLeft(identity: string): void {
    this.#coaches.part(identity);
    this.#greeter.forget(identity);
    this.#tell();
  }

  /** Undoes what a caller with the coach's prefix said before the room listed it as no agent. */
  #disown(impostor: string): void {
    this.#greeter.forget(impostor);
    this.#cards.withdrawFrom(impostor);
    if (this.#stateSender !== impostor) return;
    this.#stateSender = null;
    this.#state = null;
    this.#events.emit("state", null);
  }

  #onPresence(lost: boolean): void {
    const coach = this.#coaches.leader;
    // Gone before the room ever listed it: it must not keep out a successor of a lower segment.
    if (lost && coach !== null && this.#room.listedAsAgent(coach) === null) this.#coaches.part(coach);
    this.#tell();
  }

  /** Tells the listeners how the line stands, if that changed. */
  #tell(change: Partial<Standing> = {}): void {
    const before = this.#standing;
    if (before.closed !== null) return;
    const now: Standing = { ...before, coach: this.#coaches.leader, lost: this.#presence.lost, ...change };
    if ((Object.keys(now) as (keyof Standing)[]).every((field) => now[field] === before[field])) return;
    this.#standing = now;
    this.#events.emit("standing", now);
  }

  #end(reason: string): void {
    if (this.#standing.closed !== null) return;
    this.#giveBack();
    this.#greeter.close();
    this.#presence.close();
    this.#cards.close();
    this.#tell({ closed: reason, reconnecting: false });
  }

  #giveBack(): void {
    for (const giveBack of this.#borrowed) giveBack();
    this.#borrowed = [];
  }
}
