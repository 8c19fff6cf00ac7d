/** Messages of the contract to test with, whole and valid; each takes what is to be different about it. */
import type { Action, Because, Hearing, Insights, Nudge, State } from "../src/contract.js";

export const COACH = "cornerman-1";

/** Words of a prospect, as what caused a card. */
export function words(change: Partial<Extract<Because, { type: "words" }>> = {}): Because {
  return {
    type: "words",
    speaker: "Ann Prospect",
    role: "prospect",
    start: 61.2,
    end: 63.4,
    quote: "honestly, that is too expensive for us",
    ...change,
  };
}

export const LOG_OUTCOME: Action = { id: "log-outcome", label: "Log: price objection" };

/** A card about the price, rev 0 of segment 1, that lives for 20 seconds. */
export function nudge(change: Partial<Nudge> = {}): Nudge {
  return {
    v: 1,
    id: "1-1",
    rev: 0,
    final: true,
    status: "live",
    kind: "price_objection",
    headline: "Ask what waiting another quarter would cost them",
    detail: "They named a budget freeze. First listen, then put the price beside the cost of doing nothing.",
    priority: 500,
    ttl_ms: 20_000,
    because: [words()],
    sources: [{ id: "card:price", title: "Price objection", locator: "objections/price.md" }],
    timing: { spoken: 63.4, heard: 63.6, decided: 63.6, sent: 63.61 },
    action: null,
    ...change,
  };
}

export function hearing(change: Partial<Hearing> = {}): Hearing {
  return {
    identity: "ann",
    name: "Ann Prospect",
    role: "prospect",
    present: true,
    consent: "granted",
    heard: true,
    why: "",
    provider: "local",
    behind_s: 0,
    lost_s: 0,
    ...change,
  };
}

export const REP = hearing({ identity: "rep", name: "Rita Rep", role: "rep" });

export const INSIGHTS: Insights = {
  at: 300,
  sentiment: "neutral",
  intent: 62,
  objections: [{ text: "The price is above this year's budget.", turn: "ann-4" }],
  products: ["Flow Pro"],
  hints: ["Ask who else signs."],
  compliance: [],
  next_action: "Send the one-year comparison by Friday.",
};

/** A call under way: rep and prospect are heard, the coach is live in discovery. */
export function state(change: Partial<State> = {}): State {
  return {
    v: 1,
    segment: 1,
    at: 90,
    status: "listening",
    consent_mode: "rep_discloses",
    participants: [REP, hearing()],
    engine: "full",
    attention: "live",
    stage: "discovery",
    gauges: { talk_ratio: 0.46, monologue_s: 12, pace_wpm: 138 },
    checklist: { budget: true, "economic-buyer": false, timeline: false },
    disclosures: { recording: true },
    nudges_shown: 2,
    nudges_withdrawn: 0,
    nudges_held: 5,
    trouble: [],
    insights: null,
    screen: null,
    ...change,
  };
}

/** A call at its start: nobody is heard before the rep has said whom the disclosure reached. */
export function waitingForConsent(change: Partial<State> = {}): State {
  const waiting = { consent: "waiting", heard: false, why: "no consent yet", provider: "" } as const;
  return state({
    status: "waiting_for_consent",
    participants: [hearing({ ...REP, ...waiting }), hearing(waiting)],
    stage: "opening",
    gauges: {},
    nudges_shown: 0,
    nudges_held: 0,
    ...change,
  });
}
