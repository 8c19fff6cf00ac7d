"""How people promise, agree and arrange what comes next, by language; in the playbook's phrase language.

General words only: what a company wants noticed beyond them are moments of its playbook. In a language without a list
here nothing but the playbook's moments is noted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Phrases = Mapping[str, tuple[str, ...]]

_ADVERB = "[also|just|then|definitely|gladly|certainly|personally|happily]"
_DAY = "(monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_MONTH = "(january|february|march|april|may|june|july|august|september|october|november|december)"
_TAG = "(montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)"
_MONAT = "(januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)"

PROMISES: Final[Phrases] = {
    "en": (
        f"(i|we) will {_ADVERB} (send|email|mail|forward|prepare|draft|put together|write up)",
        f"(i|we) will {_ADVERB} (set up|schedule|book|arrange|organise|organize)",
        f"(i|we) will {_ADVERB} (follow up|get back|come back) [to|with] (you|on)",
        f"(i|we) will {_ADVERB} (share|find out|look into|clarify|take care of|make sure)",
        f"(i|we) will {_ADVERB} (check|confirm) (with|that|this|it|whether|if|and|the|our|my|your)",
        f"(i|we) will {_ADVERB} (introduce you|invite|loop in|bring in|let you know|call you|get you)",
        f"(i|we) will {_ADVERB} (have it|have that) (by|on|for|ready|tomorrow|today|before|within)",
        f"(i|we) will {_ADVERB} (ask|talk to|speak to|speak with|talk with|run it by|run this by) (my|our|the)",
        "(i|we) will [also|just|then] (discuss|review|present|recommend) (it|this|that|the) ... (with|to|by|before)",
        f"(i|we) will {_ADVERB} (decide|sign|have an answer|have a decision|give you an answer)",
        "(i am|we are) going to (send|email|forward|prepare|draft|set up|schedule|book|arrange|find out)",
        "(let me|i can|we can) (send|email|forward) (you|it|that|over)",
        "(let me|i can|we can) (find out|get back to you|come back to you|set up|send over)",
        "(i|we) (promise|commit) [you] (to|that)",
        "(you|they) will have (it|that|this|them|the|my|our) ... (by|on|tomorrow|today|before|within)",
        "(leave it|leave that) with (me|us)",
        "(it|that) will be (in your inbox|with you|on your desk)",
        "(have|get) (it|that|them) to you by",
    ),
    "de": (
        "(ich|wir) (schicke|schicken|sende|senden|maile|mailen|besorge|besorgen) (ihnen|dir|euch|das|es|die|den|alles)",
        "(schicke|schicken|sende|senden|maile|mailen|besorge|besorgen) (ich|wir) (ihnen|dir|euch|das|es)",
        "(ich|wir) (melde|melden|kümmere|kümmern) (mich|uns)",
        "(melde|melden|kümmere|kümmern) (ich|wir) (mich|uns)",
        "(ich|wir) (kläre|klären|prüfe|prüfen|bespreche|besprechen) (das|es|die|den)",
        "(das|es) (kläre|klären|prüfe|prüfen|bespreche|besprechen) (ich|wir)",
        "(bekommen|kriegen|erhalten) sie ... (bis|morgen|heute|am)",
        "(ich|wir) (verspreche|versprechen) (ihnen|dir|euch)",
        "(ich|wir) (rufe|rufen) (sie|dich|euch) ... (an|zurück)",
        "(rufe|rufen) (ich|wir) (sie|dich|euch) ... (an|zurück)",
        "(ich|wir) (frage|fragen) (meinen|meine|unseren|unsere|intern|die|den) ... (nach|chef|team|leitung|kollegen)",
    ),
}
"""Somebody takes something on."""

PARTED_PROMISES: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "de": (
        ("(ich|wir) (werde|werden)", "(werde|werden) (ich|wir)"),
        (
            "(schicken|senden|mailen|zusenden|zuschicken|weiterleiten|vorbereiten|nachreichen|liefern)",
            "(klären|prüfen|nachfragen|besprechen|abstimmen|melden|kümmern|entscheiden|fragen|anrufen)",
            "(einrichten|vereinbaren|organisieren|ausarbeiten|erstellen|unterschreiben|einladen)",
        ),
    ),
}
"""The two ends of a promise whose verb stands at the end of its sentence."""

NO_PROMISES: Final[Phrases] = {
    "en": (
        "share (my|the) screen",
        "(get|come|go) back to (that|this|it) (in a|later|slide)",
        "(in|over|into) the chat",
        "let you know (if|when|once|in case)",
        "(alert|alerts|notification|notifications)",
        "(show|share) you (now|here|this|that|how|what|where)",
    ),
    "de": (
        "(bildschirm|chat)",
        "(melde|melden) (mich|uns) (wenn|falls|sobald)",
        "(benachrichtigung|benachrichtigungen)",
    ),
}
"""What takes a promise back: it is about the call itself, or about what a product does."""

AGREEMENTS: Final[Phrases] = {
    "en": (
        "(we have|it is|that is|you have|we have got|you have got) a deal",
        "(we agree to|we agree on|we are agreed|we have agreed|that is agreed)",
        "(let us|we will) (do|go with|go for|start with|take) (that|it|this)",
        "(let us|we will|i will) go (ahead|forward) with (it|this|that|the|you|your)",
        "(let us|we will|i will) move forward with (it|this|that|the|you|your)",
        "(that|this|it) works for (me|us)",
        "(i|we) (can|could) live with (that|it|this)",
        "shake on (it|that|this)",
    ),
    "de": (
        "abgemacht",
        "(so|dann) machen wir (das|es)",
        "(das|es) machen wir so",
        "wir sind uns einig",
        "(dann|damit) haben wir einen deal",
        "wir nehmen (das|es|ihr angebot)",
        "(das|es) passt (für|bei) (uns|mich|mir)",
        "damit (kann ich|können wir) [gut] leben",
    ),
}
"""Somebody agrees, whatever was said before."""

NO_AGREEMENTS: Final[Phrases] = {
    "en": ("(and|if|so|then) (we|you) (have|got|have got) a deal", "(if|unless|once|as long as)"),
    "de": ("(wenn|falls|sofern|sobald|solange)",),
}
"""What takes an agreement back: it still has a condition."""

YES: Final[Phrases] = {
    "en": (
        "(yes|yeah|yep|sure|absolutely|definitely|deal|agreed|perfect|okay|ok|alright|fine|great|of course)",
        "(sounds good|sounds great|works for me|that works|fair enough|happy to)",
    ),
    "de": (
        "(ja|gerne|gern|klar|okay|ok|passt|perfekt|natürlich|selbstverständlich|einverstanden|gut)",
        "(in ordnung|sehr gut|auf jeden fall|machen wir|klingt gut)",
    ),
}
"""How an answer begins that agrees to what was proposed."""

PROPOSALS: Final[Phrases] = {
    "en": (
        "(shall|should|can|could) we (meet|talk|speak|sign|start|schedule|book|agree|set|say|plan|do|go|settle)",
        "(let us|we could|we should) (meet|talk|speak|sign|start|schedule|book|set|say|plan|aim|settle|agree)",
        "(would|does|do|will) ... work for (you|your)",
        "(works|work|okay|fine|good) for you",
        "(do we have|is it|is that) (a deal|okay|fair|agreed)",
        "(are you|are we) (willing|ready|okay|happy|prepared) to",
        "do you agree",
        "(would|will|could|can) you (sign|commit|confirm|agree|introduce|invite|join|accept|set up|send)",
        "(i|we) (propose|suggest)",
        "(how about|meet me|meet us|meet in the middle)",
    ),
    "de": (
        "(sollen|wollen|können|könnten) wir ... [(uns|das|am|nächste|im) ...] (treffen|sprechen|anfangen|festhalten)",
        "(passt|würde|ginge) ... (ihnen|dir|euch)",
        "wie wäre es",
        "(sind sie|seid ihr|bist du) ... (einverstanden|bereit)",
        "(könnten|würden|können) sie ... [(uns|das|bis|mir) ...] (unterschreiben|bestätigen|zusagen|einladen|schicken)",
        "(ich|wir) (schlage|schlagen) ... vor",
        "(ist das|ist es) (in ordnung|okay|fair)",
    ),
}
"""Something is proposed that a yes agrees to. Not every question is: a yes to "can you hear me" settles nothing."""

NEXT_STEPS: Final[Phrases] = {
    "en": (
        "(our|the|a|as a|any|as) next step",
        "next step (is|will be|would be)",
        "(let us|we will|we should|i will|shall we) (meet|talk|speak) [again] (on|next|tomorrow|in {number})",
        "(book|schedule|set up|arrange|put in) ... (call|meeting|session|workshop|demo|pilot|trial|slot)",
        "find (an hour|half an hour|time|a time|a slot|{number} minutes) (on|next|tomorrow|this)",
        "(calendar|meeting) (invite|invitation)",
        "(talk|speak) to you [again] (on|next|tomorrow)",
        "see you (on|next|tomorrow)",
    ),
    "de": (
        "(nächster|nächste|nächsten) schritt",
        "(treffen|sprechen|hören|sehen) wir uns [wieder] (am|nächste|nächsten|morgen|in|im|um)",
        "wir (treffen|sprechen|hören|sehen) uns [wieder] (am|nächste|nächsten|morgen|in|im|um)",
        "(termin|besprechung|folgetermin) ... (vereinbaren|machen|ausmachen|einstellen|festhalten|am|nächste)",
        "(einladung|kalendereinladung) ... (schicken|sende|schicke|kommt)",
    ),
}
"""What happens after the call."""

DUE: Final[Phrases] = {
    "en": (
        f"[by|on|before|until|this|next|latest] {_DAY} [morning|afternoon|evening|next week|at the latest]",
        "[by|until|before] (tomorrow|today|tonight|noon) [morning|afternoon|evening|night|noon|at the latest]",
        "(by|before|until|at|around) [the] (end|close|middle) of [the|this|next] (day|week|month|quarter|year)",
        "[by|before|until] (end|close) of (day|week|month|quarter|business)",
        "[by|before|until|early|late|in] (this|next) (week|month|quarter|year|morning|afternoon|evening)",
        "(within|in) [the next] [a|an|{number}] [couple of] (hour|hours|day|days|week|weeks|month|months)",
        f"(by|in|before|until) [early|mid|late] {_MONTH}",
        f"(by|on|before|until) [the] {_MONTH} {{number}}",
        f"(by|on|before|until) [the] {{number}} [of] {_MONTH}",
        "(by|before|until) (christmas|easter|new year|the holidays|lunch)",
        "(by|at|before|until) {number} (o'clock|am|pm)",
        "(right after|straight after|after) (this|the) call",
    ),
    "de": (
        f"[bis|am|vor|bis zum|bis nächsten|nächsten|kommenden] {_TAG} [morgen|vormittag|nachmittag|abend|früh]",
        "[bis|noch|gleich] (morgen|heute|übermorgen) [früh|vormittag|mittag|nachmittag|abend]",
        "(bis|am|vor|zum|bis zum) ende (der|dieser|des|dieses|nächster) (woche|monats|quartals|jahres|tages)",
        "(bis|am|zum) (monatsende|wochenende|jahresende|quartalsende)",
        "[bis] (diese|dieser|nächste|nächster|kommende|kommender) woche",
        "[bis] (diesen|nächsten|kommenden) monat",
        "(innerhalb von|binnen|in) [den nächsten] {number} (stunden|tagen|wochen|monaten)",
        "(in|innerhalb) einer (stunde|woche)",
        f"(bis|im|vor) [anfang|mitte|ende] {_MONAT}",
        f"(bis|am|bis zum|zum) {{number}} {_MONAT}",
        "(bis|vor) (weihnachten|ostern|neujahr)",
        "(bis|um) {number} uhr",
        "[direkt|gleich] nach (dem|diesem) (gespräch|telefonat|anruf)",
    ),
}
"""By when."""

SMALL_TALK: Final[Phrases] = {
    "en": (
        "(can|do) you [all] (hear|see) (me|us|my screen|it|this)",
        "how are you",
        "how (is|was) (your|the) (day|week|weekend|weather|morning|trip|flight)",
        "(does that|does this|do i) make sense",
        "(you know|right|okay|is not it) what i mean",
        "(are you|is everybody|is everyone) (there|here|ready)",
        "how do you do",
        "(what did you say|say that again|come again|repeat that)",
    ),
    "de": (
        "(können|hören|sehen|kannst|hörst|siehst) (sie|du|ihr) (mich|uns|das|meinen)",
        "wie geht es",
        "(ist|war) ihr (tag|woche|wochenende)",
        "(verstehen|wissen) sie was ich meine",
        "(wie bitte|was haben sie gesagt)",
        "(sind|seid) (sie|ihr|alle) (da|bereit|soweit)",
    ),
}
"""Questions that nobody has to remember."""
