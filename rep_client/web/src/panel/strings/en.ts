/** Every word the panel says of its own, in English. `{name}` stands for what is filled in. */
export const en = {
  panel: "Coach",
  rep: "You",
  percent: "{n}%",
  seconds: "{n} s",
  minutes: "{n} min",
  quoted: "“{text}”",
  close: "Close",
  failed: "That did not reach the coach. Try again.",

  "status.connecting": "Connecting",
  "status.none": "No coach yet",
  "status.waiting": "Waiting for consent",
  "status.listening": "Listening",
  "status.ending": "Call is ending",
  "status.quiet": "Quiet",
  "status.off": "Off",
  "status.lost": "Coach lost",
  "status.reconnecting": "Reconnecting",
  "status.closed": "Call ended",
  "status.elsewhere": "Open elsewhere",
  rules_only: "rules only",
  heard_count: "{n} of {all} heard",

  "line.connecting": "Connecting to the call.",
  "line.none": "The coach has not joined yet.",
  "line.waiting": "Nobody is heard yet.",
  "line.listening": "Nothing to add right now.",
  "line.ending": "The call is ending. Notes stay until it has.",
  "line.quiet": "Only what must be said comes through.",
  "line.off": "Switched off. No new hints come.",
  "line.lost": "Nothing from the coach for 45 seconds. It may come back by itself.",
  "line.reconnecting": "The call is reconnecting. Hints go on when it is back.",
  "line.closed": "The call is over for this page.",
  "line.elsewhere": "This call is open in another tab. Hints come there.",

  attention: "How much to show",
  "attention.live": "Live: every hint",
  "attention.quiet": "Quiet: only what must be said",
  "attention.off": "Off: nothing",

  people: "Who is heard",
  "role.rep": "you",
  heard: "heard",
  not_heard: "not heard",
  behind: "{n} s behind",
  lost: "{n} s lost",
  "why.no speech provider hears their language": "language not supported",
  "why.speech recognition is being restarted; what is said is kept": "speech recognition restarts",
  stop_hearing: "Stop hearing {name}",
  hear_again: "Hear {name} again",
  take_back: "Stop hearing {name}? Their words are deleted.",
  take_back_yes: "Stop and delete",
  take_back_no: "Keep",
  taken_back_how: "taken back through the rep",
  "trouble.journal": "The record of this call has a gap.",
  "trouble.room_key": "The coach has another room key.",
  "trouble.not_all_listed": "Not everybody fits in this list.",

  consent: "Tell them first",
  consent_hint: "Read this out. Nobody is heard before you confirm.",
  consent_who: "Who heard it and agreed",
  consent_do: "I have told them",
  consent_how: "read out by the rep",
  consent_late: "{names}: not heard yet",
  consent_late_do: "Tell them",
  consent_theirs: "{names}: asked by the meeting itself, not heard until they agree.",
  disclosure:
    "Before we begin: an AI assistant is in this call and listens along. It writes down what is said and shows me hints, to nobody but me. Is that all right with everybody?",

  hint: "Hint",
  thinking: "thinking",
  pinned: "Pinned",
  earlier: "Earlier",
  more: "{n} more",
  expand: "Show the whole hint",
  useful: "Useful",
  later: "Not now",
  pin: "Pin",
  unpin: "Pinned",
  dismiss: "Dismiss",
  confirming: "Working on it",
  source: "Source: {title}",
  source_cut: "Cut to fit.",
  withdrawn: "A hint was withdrawn.",

  "gauge.monologue": "You have talked for {time}",
  "gauge.dead_air": "Silence for {time}",
  "gauge.talk_ratio": "You spoke {percent} of the last {window}",
  "gauge.interruption": "You broke in {n} times in {window}",
  "gauge.pace": "You speak {n} words a minute",
  "gauge.questions": "{n} questions of yours in {window}",
  "gauge.patience": "You answer after {seconds}",
  gauge: "{name}: {n}",
  you_asked: "You asked",
  on_screen: "On your screen at {time}",

  course: "How the call stands",
  checklist: "Found out",
  disclosures: "Disclosed",
  done: "done",
  open: "open",
  item_count: "{n} of {all}",
  you_talk: "You {percent}",
  talk: "You talk {percent} of the time",
  mood: "Mood",
  intent: "Intent to buy",
  of_hundred: "{n} of 100",
  next_action: "Next",
  objections: "Objections",
  products: "Products",
  hints: "Worth trying",
  screen_seen: "looked at",
  screen_unneeded: "not needed now",

  ask: "Ask the coach",
  asked: "Asked. The answer comes as a hint.",
  ask_send: "Send the question",

  notes: "Notes so far",
  loading: "One moment",
  page: "Page {n} of {all}",
  page_before: "Page before",
  page_after: "Next page",

  "discreet.choosing": "Hidden while you choose what to share.",
  "discreet.monitor": "Hidden: your whole screen is shared, and this panel with it.",
  "discreet.window": "Hidden: the shared window may show this panel.",
  "discreet.own_tab": "Hidden: this very tab is shared.",
  "discreet.unmarked_tab": "Hidden: the shared tab may be this one.",
  "discreet.unknown": "Hidden: what is shared may show this panel.",
  discreet_show: "Show it all the same",

  keys: "Keyboard",
  keys_hint: "Keys work while the panel has the focus.",
  "key.focus": "Go to the panel, from anywhere",
  "key.confirm": "Do what the hint proposes",
  "key.source": "Open the source",
  "key.next": "Earlier hint",
  "key.previous": "Newer hint",
  "key.expand": "Show or fold the hint",
  "key.quiet": "Quiet, or live again",
  "key.help": "This list",
  "key.back": "Close, or leave the field",
} as const;

/** Words of the contract whose English is their name as a person reads it: other languages need them. */
type AsNamed =
  | "kind.price_objection"
  | "kind.price_question"
  | "kind.discount_request"
  | "kind.competitor_mention"
  | "kind.trust_concern"
  | "kind.timing_stall"
  | "kind.authority"
  | "kind.requirement"
  | "kind.buying_signal"
  | "kind.commitment"
  | "kind.monologue"
  | "kind.dead_air"
  | "kind.talk_ratio"
  | "kind.interruption"
  | "kind.pace"
  | "kind.questions"
  | "kind.patience"
  | "kind.compliance"
  | "kind.screen"
  | "kind.answer"
  | "kind.stage"
  | "kind.checklist"
  | "kind.advice"
  | "stage.opening"
  | "stage.discovery"
  | "stage.presentation"
  | "stage.negotiation"
  | "stage.closing"
  | "role.prospect"
  | "role.colleague"
  | "role.observer"
  | "mood.negative"
  | "mood.neutral"
  | "mood.positive"
  | "why.not in the call"
  | "why.no consent yet"
  | "why.declined"
  | "why.no microphone"
  | "why.muted"
  | "why.connecting"
  | "why.switched off";

/** The panel's words in some language. */
export type Strings = Readonly<Record<keyof typeof en | AsNamed, string>>;
