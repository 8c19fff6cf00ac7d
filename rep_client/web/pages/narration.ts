/** Tells in one line under the stage how the call stands: who is awaited, what the rep could do, where the recording is. */
import type { CoachClient, State } from "cornerman-client";
import { callStanding, type RepTicket } from "./call_api.js";
import { clock, notice, required, say } from "./page.js";

const LOOK_EVERY = 1000;
const LATE = 12_000;

export class Narration {
  readonly #client: CoachClient;
  readonly #ticket: RepTicket;
  readonly #since = Date.now();
  readonly #stops: (() => void)[] = [];
  #whenBothHeard: (() => Promise<void>) | null = null;
  #zero: number | null = null;

  constructor(client: CoachClient, ticket: RepTicket) {
    this.#client = client;
    this.#ticket = ticket;
    this.#stops.push(client.on("state", () => this.#tell()));
    this.#stops.push(client.on("standing", () => this.#tell()));
    const timer = setInterval(() => this.#tell(), LOOK_EVERY);
    this.#stops.push(() => clearInterval(timer));
  }

  /** Runs `then` once, as soon as the coach hears rep and prospect. */
  onBothHeard(then: () => Promise<void>): void {
    this.#whenBothHeard = then;
    this.#tell();
  }

  /** The recording is at `position` (seconds). */
  playing(position: number): void {
    this.#zero = Date.now() / 1000 - position;
    this.#tell();
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #tell(): void {
    const { state } = this.#client;
    if (state && bothHeard(state)) this.#begin();
    this.#tellPosition();
    say(this.#line(state));
    if (!this.#client.standing.coach && Date.now() - this.#since > LATE) void this.#tellTrouble();
  }

  #begin(): void {
    const begin = this.#whenBothHeard;
    this.#whenBothHeard = null;
    begin?.().catch((error: Error) => notice(error.message));
  }

  #line(state: State | null): string {
    if (!this.#client.standing.coach) return "The coach is on its way …";
    if (!state) return "The coach is here …";
    if (bothHeard(state)) return "";
    if (!state.participants.some((one) => one.role === "prospect" && one.present)) return "";
    if (state.status === "waiting_for_consent") {
      return "The coach hears nobody yet. It starts when you confirm in the panel that Tom was told.";
    }
    return "The coach begins to listen …";
  }

  #tellPosition(): void {
    const line = required("#recording", HTMLElement);
    const { rep_voice, prospect, recording } = this.#ticket;
    const recorded = rep_voice === "recorded" || prospect === "recorded";
    line.hidden = !recorded || this.#zero === null;
    if (this.#zero === null) return;
    const position = Date.now() / 1000 - this.#zero;
    line.textContent =
      position < recording ? `Recording ${clock(position)} of ${clock(recording)}` : "The recording is over";
  }

  async #tellTrouble(): Promise<void> {
    try {
      const { trouble } = await callStanding(this.#ticket.call);
      if (trouble) say(trouble);
    } catch {
      // the server is asked again in a second
    }
  }
}

function bothHeard(state: State): boolean {
  const heard = (role: string) =>
    state.participants.some((one) => one.role === role && one.present && one.heard);
  return heard("rep") && heard("prospect");
}
