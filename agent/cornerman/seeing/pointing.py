"""Whether somebody speaks of what is on the screen: "this slide", "as you can see", "that number there".

In: words as heard, finished or not, and their language. Out: yes or no. Phrases only, English and German; in another
language the English ones are looked for. It knows nothing of what is shown.
"""

from __future__ import annotations

import re
from functools import cache

from cornerman.language_tags import base_language

_ENGLISH_PARTS = {
    "this": "(?:this|that|these|those)",
    "shown": "(?:slides?|screen|charts?|graphs?|diagrams?|dashboards?|screenshots?)",
    "thing": "(?:slides?|screens?|charts?|graphs?|diagrams?|figures?|tables?|columns?|rows?|numbers?|pages?|pictures?|"
    "dashboards?|images?|screenshots?|lines?|bars?|tabs?|buttons?|menus?|fields?|box|boxes|cells?|icons?|curves?|maps?)",
    "side": "(?:on the (?:left|right)|(?:at|on) the (?:top|bottom)|in the (?:corner|middle))",
    "there": "(?:here|there|over there|up there|down there)",
    "colour": "(?:red|green|blue|yellow|orange|gr[ea]y|purple|dotted|dashed)",
    "i am": "(?:i am|i'm|you are|you're|we are|we're)",
    "i can": "(?:you|we|i)(?: can| could| will|'ll)?",
}
_ENGLISH = (
    r"<this> (?:\w+ )?<shown>",
    r"<this> (?:\w+ ){0,2}<thing> (?:<there>|<side>)",
    r"<thing> (?:<side>|(?:over|up|down) there)",
    r"(?:previous|next|last|first|current) slide",
    r"(?:go|going|jump|scroll|switch) (?:back |forward |on |over )?(?:to|through) the (?:\w+ )?<shown>",
    r"(?:on|in|at|of) the (?:\w+ )?(?:slide|chart|graph|diagram|screenshot|dashboard)",
    r"on (?:the|your|my) (?:shared )?screen",
    r"as (?:you|we) can see",
    r"as (?:you see|we see|shown) (?:<there>|<side>|on|in)",
    r"<i can> see (?:it |that |this )?(?:right |over )?(?:<there>|<side>)",
    r"<i am> (?:seeing|looking at|showing you|showing|sharing) (?:<there>|now|on)",
    r"what (?:<i am>|are we|are you|am i) (?:seeing|looking at|showing|sharing)",
    r"what(?:'s| is| are| does| do) (?:<this>|it)(?: \w+){0,3} (?:here|over there|<side>)",
    r"(?:what|which)(?:'s| is| are| does| do) (?:<this>|the) <colour> \w+",
    r"(?:top|bottom|upper|lower) (?:left|right)",
    r"(?:it|this|that|the page|the screen) (?:says|shows) (?:an |some )?error",
    r"(?:share|show you) (?:my|the|this) (?:screen|slides?|dashboard|tab|window)",
    r"zoom in|scroll (?:up|down|back)",
)
_GERMAN_PARTS = {
    "diese": "(?:diese[rsnm]?|jene[rsnm]?)",
    "gezeigt": "(?:folien?|bildschirm|diagramm|grafik|dashboard|screenshot|chart|slide)",
    "ding": "(?:folien?|bildschirm|diagramm|grafik|tabelle|spalte|zeile|zahl|zahlen|seite|dashboard|bild|screenshot|"
    "linie|kurve|balken|knopf|schaltfläche|feld|kasten|fenster|karte|chart|slide)",
    "da": "(?:hier|da|dort|links|rechts|oben|unten)",
    "wer": "(?:sie|ihr|du|wir|man|ich)",
    "sehen": "(?:sehen|seht|siehst|sieht|sehe)",
}
_GERMAN = (
    r"<diese> (?:\w+ )?<gezeigt>",
    r"(?:<diese>|de[rmn]|die|das) (?:\w+ ){0,2}<ding> <da>",
    r"(?:auf|in) (?:de[rmn]|dieser|diesem|meine[mr]|ihre[mr]) (?:\w+ )?<gezeigt>",
    r"(?:im|am) (?:\w+ )?(?:diagramm|bildschirm|screenshot|dashboard|chart)",
    r"(?:vorige|vorherige|nächste|letzte|erste|aktuelle)n? (?:folie|slide)",
    r"(?:hier|da|dort) <sehen> <wer>",
    r"<sehen> <wer> (?:das |es )?<da>",
    r"(?:wie|was) <wer> (?:das )?<da> (?:\w+ )?<sehen>",
    r"wie (?:sie|ihr|wir|man) <sehen>",
    r"was (?:ist|sind|bedeutet|bedeuten|heißt) (?:das|die|der|<diese>)(?: \w+){0,2} <da>",
    r"(?:oben|unten) (?:links|rechts)",
    r"(?:hier|da|dort) steht",
    r"(?:ich teile|ich zeige|zeigen sie|teilen sie) (?:\w+ ){0,3}(?:bildschirm|folien?|dashboard|fenster)",
    r"(?:hinein|rein|ran)zoomen|zoomen sie|scrollen sie",
)
_NOT_WORDS = re.compile(r"[^\w' ]+")
_SPACES = re.compile(r"\s+")


def points_at_screen(text: str, language: str) -> bool:
    """Whether these words speak of what is on the screen. They may be the beginning of a sentence."""
    plain = _SPACES.sub(" ", _NOT_WORDS.sub(" ", text.lower().replace("\u2019", "'"))).strip()
    return bool(_phrases("de" if base_language(language) == "de" else "en").search(plain))


@cache
def _phrases(language: str) -> re.Pattern[str]:
    phrases, parts = (_GERMAN, _GERMAN_PARTS) if language == "de" else (_ENGLISH, _ENGLISH_PARTS)
    whole = "|".join(rf"\b(?:{phrase})(?!\w)" for phrase in phrases)
    return re.compile(re.sub("<([a-zäöüß ]+)>", lambda part: parts[part[1]], whole))
