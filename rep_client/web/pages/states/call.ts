/** The invented call the gallery shows: what was said in it, and what the coach makes of it. */
import type { Hearing, Nudge, State } from "../../src/contract.js";
import { hearing } from "../../test/fixtures.js";

const WAITING = { consent: "waiting", heard: false, why: "no consent yet", provider: "" } as const;

export const REP: Hearing = hearing({ identity: "rep", name: "Rita Lang", role: "rep" });
export const DANA: Hearing = hearing({ identity: "dana", name: "Dana Reyes", role: "prospect" });
export const SAM: Hearing = hearing({ identity: "sam", name: "Sam Okafor", role: "prospect" });
export const waiting = (one: Hearing): Hearing => ({ ...one, ...WAITING });

export const CALL: State = {
  v: 1,
  segment: 1,
  at: 372,
  status: "listening",
  consent_mode: "rep_discloses",
  participants: [REP, DANA, SAM],
  engine: "full",
  attention: "live",
  stage: "discovery",
  gauges: { talk_ratio: 0.46, monologue_s: 12, pace_wpm: 138 },
  checklist: {
    metrics: true,
    "economic-buyer": true,
    "decision-criteria": true,
    "decision-process": false,
    "identified-pain": false,
    champion: false,
  },
  disclosures: { recording: true },
  nudges_shown: 2,
  nudges_withdrawn: 0,
  nudges_held: 5,
  trouble: [],
  insights: null,
  screen: null,
};

const LONG = 600_000;

export const CARD: Nudge = {
  v: 1,
  id: "1-9",
  rev: 0,
  final: true,
  status: "live",
  kind: "price_objection",
  headline: "Ask “compared with what?” before you defend the price",
  detail:
    "Then go back to the cost they named themselves. Business is $49 a seat and includes single sign-on, reply suggestions and migration.",
  priority: 800,
  ttl_ms: LONG,
  because: [
    {
      type: "words",
      speaker: "dana",
      role: "prospect",
      start: 361.2,
      end: 363.9,
      quote: "honestly that is too expensive for us",
    },
  ],
  sources: [
    { id: "card:objections/too-expensive", title: "Too expensive", locator: "objections/too-expensive.md" },
  ],
  timing: { spoken: 363.9, heard: 364.1, decided: 364.1, sent: 364.11 },
  action: null,
};

/** What the coach said earlier in the call, oldest first. */
export const EARLIER: readonly Partial<Nudge>[] = [
  {
    id: "1-1",
    kind: "stage",
    headline: "Agree on the agenda and how the call should end",
    because: [{ type: "gauge", name: "dead_air", value: 16, window: 16 }],
    timing: { spoken: 21, heard: 21.2, decided: 21.2, sent: 21.3 },
  },
  {
    id: "1-2",
    kind: "competitor_mention",
    headline: "Ask how many chats they expect in their busiest month",
    detail:
      "Bluefin charges $35 a seat plus $0.40 per chat, so a busy month costs more. We charge per seat only.",
    because: [
      {
        type: "words",
        speaker: "sam",
        role: "prospect",
        start: 96,
        end: 98,
        quote: "we are also looking at bluefin",
      },
    ],
    sources: [{ id: "card:bluefin", title: "Bluefin", locator: "battlecards/bluefin.md" }],
  },
  {
    id: "1-3",
    kind: "requirement",
    headline: "Confirm single sign-on works with their directory",
    because: [
      {
        type: "words",
        speaker: "dana",
        role: "prospect",
        start: 148,
        end: 150,
        quote: "we need single sign on",
      },
    ],
  },
  {
    id: "1-4",
    kind: "talk_ratio",
    headline: "Hand over - ask an open question and just listen",
    because: [{ type: "gauge", name: "talk_ratio", value: 0.68, window: 600 }],
    timing: { spoken: 212, heard: 212.2, decided: 212.2, sent: 212.3 },
  },
  {
    id: "1-5",
    kind: "authority",
    headline: "Ask who else has to say yes, and by when",
    because: [
      {
        type: "words",
        speaker: "dana",
        role: "prospect",
        start: 251,
        end: 253,
        quote: "my boss has to sign",
      },
    ],
  },
  {
    id: "1-6",
    kind: "timing_stall",
    headline: "Ask what waiting another quarter would cost them",
    because: [
      { type: "words", speaker: "sam", role: "prospect", start: 300, end: 302, quote: "maybe next quarter" },
    ],
  },
];

/** Notes as the coach writes them, with what could be markup escaped. */
export const NOTES = `# Notes: Clearwater and Reyes Logistics

With Rita Lang (rep), Dana Reyes (prospect).

## Promised

- Send the one-year comparison by Friday - Rita Lang (rep, 4:10-4:14): “I'll send you the comparison by Friday”

## Open questions

- Who signs\\? - Dana Reyes (prospect, 4:11): “my boss has to sign”

## Found out

- [x] Metrics: Dana Reyes (prospect, 2:02): “cut the backlog by half”
- [ ] Champion
`;

export const SOURCE = `# Answer
Ask "compared with what?" and wait. It may be last year's bill, a rival's quote, or a number in somebody's head, and each needs another answer.

# If the gap is real
- Resize before you discount.
- Team is $29 for those who only answer e-mail.`;
