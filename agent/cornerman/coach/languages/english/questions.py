"""Whether an English sentence asks, and whether it asks for a yes.

Recognisers leave question marks out and people chat without them, so that the words have to tell. An opener only
counts at the sentence's start, after words such as "so" and "well".
"""

from __future__ import annotations

from collections.abc import Sequence

from cornerman.coach.language import Token, word_set

INTERROGATIVES = word_set("what how why when where which who whose whom")
AUXILIARIES = word_set("is are was were do does did can could will would shall should may might have has had am")
SUBJECTS = word_set("i you we they he she it this that there your the a an any these those my our anyone somebody")
BEFORE = word_set("so well and but ok okay yes yeah yep no hi hello hey great sure right um uh oh also then now thanks")
"""What people say before the question itself."""

OFFERS = (
    "would you", "will you", "could you", "can you", "are you willing", "are you interested", "are you ready",
    "are you able", "do you want", "do you like", "how about", "what about", "what do you think", "how much would",
    "how much do you", "how much will", "how much of your", "how much are you", "what would you", "shall we",
    "sound good", "sounds good", "sound fair", "a deal", "do we have a deal", "work for you", "works for you",
    "i can do", "i could do", "i will do", "i can accept", "i would take", "i will take", "i can take",
    "i can give", "i could give", "i can let", "i could let", "i can offer", "lowest i can", "best i can",
    "low as i", "let it go for", "let you have it", "meet me half way", "come down to", "go down to", "that works",
    "i accept", "wondering if you", "hope you will", "please donate", "if you can", "if you could",
)  # fmt: skip
"""Words by which somebody asks the other side to decide, or makes an offer."""


def question(tokens: Sequence[Token], first: int, last: int) -> bool:
    """True when the sentence opens as a question does: "how much", "can you", "any chance"."""
    at = first
    while at < last and tokens[at].text in BEFORE:
        at += 1
    word, following = tokens[at].text, tokens[at + 1].text if at < last else ""
    if word in INTERROGATIVES:
        return True
    if word in AUXILIARIES and following == "not" and at + 1 < last:
        following = tokens[at + 2].text  # "isn't it"
    commands = word == "do" and following in ("it", "this", "that")
    return (word in AUXILIARIES and following in SUBJECTS and not commands) or (word == "any" and at < last)
