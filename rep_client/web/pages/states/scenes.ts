/** Every state of the panel, by name. Each is a scene that is played until it has come to rest. */
import { CallFailed } from "../../src/client/room.js";
import { CARD, DANA, EARLIER, NOTES, REP, SAM, SOURCE, waiting } from "./call.js";
import { HOSTILE } from "./hostile.js";
import { type Scene, type Stage, settled } from "./stage.js";

const THINKING = { rev: 1, status: "thinking", final: false } as const;
const ACTION = { id: "log-outcome", label: "Log as price objection" };
async function withCards(stage: Stage): Promise<void> {
  for (const card of EARLIER) await stage.card(card);
  await stage.card();
}

async function withPinned(stage: Stage): Promise<void> {
  await withCards(stage);
  stage.find(".rows .card:nth-child(3) [part=tool][aria-label]").click();
}

export const SCENES: Readonly<Record<string, Scene>> = {
  connecting: { status: "connecting", coach: null },
  no_coach: { coach: null },
  consent: {
    state: {
      status: "waiting_for_consent",
      participants: [REP, DANA, SAM].map(waiting),
      stage: "opening",
      gauges: {},
      checklist: {},
    },
  },
  consent_late: { state: { participants: [REP, DANA, waiting(SAM)] }, play: (stage) => stage.card() },
  consent_late_open: {
    state: { participants: [REP, DANA, waiting(SAM)] },
    play: (stage) => stage.press("consent"),
  },
  consent_theirs: {
    state: {
      status: "waiting_for_consent",
      consent_mode: "each_participant",
      participants: [REP, waiting(DANA), waiting(SAM)],
    },
  },
  listening: {},
  card: { play: (stage) => stage.card() },
  thinking: {
    play: async (stage) => {
      await stage.card();
      await stage.card(THINKING);
    },
  },
  streaming: {
    play: async (stage) => {
      await withCards(stage);
      await stage.card({
        ...THINKING,
        rev: 2,
        status: "live",
        headline: "Anchor on the 40 hours a week they lose",
        detail: "Dana named 40 hours of manual routing a week.",
      });
    },
  },
  advice: {
    play: (stage) =>
      stage.card({
        headline: "Anchor on the 40 hours a week they lose",
        detail:
          "Dana named 40 hours of manual routing a week, about $4,800 a month. At 40 seats Business costs $1,960. Ask which of the two numbers her board sees.",
        action: ACTION,
        sources: [...CARD.sources, { id: "turn:t12", title: "What Dana said at 2:02", locator: "call" }],
      }),
  },
  compliance: {
    play: (stage) =>
      stage.card({
        kind: "compliance",
        priority: 1000,
        headline: "Take it back - say our contract promises 99.9% uptime",
        detail:
          "Say “let me be exact - we promise 99.9% a month, with credits for every full hour below”. An exact number earns more trust than “never”.",
        because: [
          {
            type: "words",
            speaker: "rep",
            role: "rep",
            start: 355,
            end: 357,
            quote: "you will never have any downtime",
          },
        ],
        sources: [{ id: "rule:no-downtime", title: "No downtime guarantee", locator: "compliance.yaml" }],
      }),
  },
  gauge: {
    play: (stage) =>
      stage.card({
        kind: "talk_ratio",
        headline: "Hand over - ask an open question and just listen",
        detail:
          "Ask “how do you do that today?”. Then say nothing until they have finished, and a second longer.",
        because: [{ type: "gauge", name: "talk_ratio", value: 0.68, window: 600 }],
      }),
    state: { gauges: { talk_ratio: 0.68 } },
  },
  answer: {
    play: async (stage) => {
      const field = stage.find("textarea") as HTMLTextAreaElement;
      field.value = "What does Ironbridge charge for 40 seats?";
      field.dispatchEvent(new Event("input"));
      stage.find(".send").click();
      await stage.room.heard("coach_ask");
      await settled();
      await stage.card({
        kind: "answer",
        headline: "Ironbridge: $52 a seat, so $2,080 a month for 40",
        detail: "Single sign-on is $6 a seat on top. Checked in October 2026.",
        because: [{ type: "question", ask_id: "1-q1" }],
        sources: [{ id: "card:ironbridge", title: "Ironbridge", locator: "battlecards/ironbridge.md" }],
      });
    },
  },
  screen: {
    play: (stage) =>
      stage.card({
        kind: "screen",
        headline: "This slide has been up for three minutes",
        detail: "Ask what of it matters to them, or go on to the workflow they complained about.",
        because: [{ type: "frame", at: 340, hash: "a1b2c3" }],
      }),
  },
  stack: { play: withPinned },
  row_open: {
    play: async (stage) => {
      await withPinned(stage);
      stage.find(".rows .card:nth-child(2) .head .icon").click();
    },
  },
  stale: {
    play: async (stage) => {
      for (const card of EARLIER.slice(0, 2)) await stage.card(card);
      await stage.card({ ttl_ms: 1 });
    },
  },
  withdrawn: {
    play: async (stage) => {
      await stage.card();
      await stage.card({ rev: 1, status: "withdrawn", headline: "Withdrawn", detail: "" });
      await new Promise((resolve) => setTimeout(resolve, 200));
    },
  },
  rules_only: { state: { engine: "rules_only" }, play: (stage) => stage.card() },
  quiet: { state: { attention: "quiet" } },
  off: { state: { attention: "off" }, play: withCards },
  people: {
    state: {
      participants: [
        REP,
        { ...DANA, behind_s: 4.2 },
        { ...SAM, heard: false, why: "muted" },
        { ...SAM, identity: "kim", name: "Kim Park", heard: false, consent: "declined", why: "declined" },
      ],
    },
    play: (stage) => stage.press("people"),
  },
  people_sure: {
    play: (stage) => {
      stage.press("people");
      stage.find(".people li:nth-child(2) .icon").click();
    },
  },
  course: {
    state: {
      insights: {
        at: 360,
        sentiment: "neutral",
        intent: 62,
        objections: [{ text: "The price is above this year's budget.", turn: "t9" }],
        products: ["Business"],
        hints: ["Ask who else signs."],
        compliance: [],
        next_action: "Send the one-year comparison by Friday.",
      },
      screen: { watching: true, why: "", last: 350 },
    },
    play: async (stage) => {
      await stage.card();
      stage.press("course");
    },
  },
  notes: {
    play: async (stage) => {
      stage.room.coachAnswers("coach_notes", () => ({ v: 1, page: 1, pages: 2, markdown: NOTES }));
      stage.press("notes");
      await stage.room.heard("coach_notes");
      await stage.shown(".text h3");
    },
  },
  source: {
    play: async (stage) => {
      stage.room.coachAnswers("coach_source", () => ({
        v: 1,
        id: "x",
        title: "Too expensive",
        text: SOURCE,
        cut: false,
      }));
      await stage.card();
      stage.press("source");
      await stage.room.heard("coach_source");
      await stage.shown(".source-text");
    },
  },
  keys: {
    play: async (stage) => {
      stage.press("help");
      await stage.shown("kbd");
    },
  },
  ask: {
    play: async (stage) => {
      await stage.card();
      const field = stage.find("textarea") as HTMLTextAreaElement;
      field.focus();
      field.value = "What discount may I give for a two-year contract with 40 seats?";
      field.dispatchEvent(new Event("input"));
    },
  },
  failed: {
    play: async (stage) => {
      stage.room.coachAnswers("coach_feedback", () => {
        throw new CallFailed(1502, "timed out");
      });
      await stage.card();
      stage.press("useful");
    },
  },
  lost: {
    play: async (stage) => {
      await stage.card();
      stage.panel.client = lostLine(stage);
      await stage.card({ id: "1-10" });
    },
  },
  reconnecting: {
    play: async (stage) => {
      await stage.card();
      stage.room.becomes("reconnecting");
    },
  },
  elsewhere: {
    play: async (stage) => {
      await stage.card();
      stage.room.becomes("disconnected", "duplicate_identity");
    },
  },
  closed: {
    play: async (stage) => {
      await withCards(stage);
      stage.room.becomes("disconnected", "room_closed");
    },
  },
  discreet: {
    play: async (stage) => {
      await stage.card();
      stage.guard.share({ discreet: true, reason: "monitor", cleared: false });
    },
  },
  discreet_why: {
    play: async (stage) => {
      await stage.card();
      stage.guard.share({ discreet: true, reason: "monitor", cleared: false });
      stage.find(".dot").click();
    },
  },
  hostile: {
    play: async (stage) => {
      for (const card of HOSTILE) await stage.card(card);
    },
  },
  german: {
    play: async (stage) => {
      await stage.card({
        headline: "Erst fragen: „Verglichen womit?“ - dann erst zum Preis",
        detail:
          "Danach zurück zu den Kosten, die sie selbst genannt haben. Business kostet 49 $ pro Platz, mit Single Sign-on und Umzug.",
        because: [
          {
            type: "words",
            speaker: "dana",
            role: "prospect",
            start: 361,
            end: 363,
            quote: "das ist uns ehrlich gesagt zu teuer",
          },
        ],
        sources: [{ id: "x", title: "Zu teuer", locator: "objections/too-expensive.md" }],
      });
    },
  },
};

/** The same line, whose coach has not been heard for too long: a scene cannot wait 45 seconds. */
function lostLine(stage: Stage): Stage["session"] {
  return new Proxy(stage.session, {
    get: (session, name) => {
      if (name === "standing") return { ...session.standing, lost: true };
      const value: unknown = Reflect.get(session, name, session);
      return typeof value === "function" ? value.bind(session) : value;
    },
    set: (session, name, value) => Reflect.set(session, name, value, session),
  });
}
