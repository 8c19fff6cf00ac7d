"""Words that begin a sentence without naming anybody: a capital letter there says nothing of them.

Stems of English words that advice is written with. A word that is not here and stands in no source is taken for a name,
so that names of plans, products and people must not be added.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cornerman.coach.language import word_set
from cornerman.coach.languages import language_of
from cornerman.coach.languages.function_words import ENGLISH, GERMAN
from cornerman.coach.word_memory import remembers_words

_WORDS: Final = """
accept accurate achieve acknowledge across act add address admit advantage advise affordable afterward afterwards
agree agreed agreement aim align allow alone along already alternatively although always among amount ample analyse
analyze announce answer anticipate anything anyway apart apologise apologize appeal appear apply appreciate approach
appropriate approval approve argue arrange ask asked asking asks assess assign assume assure attach attempt attend
attention audience audit authority automatic avoid aware balance based beat become begin behave behind believe benefit
besides best better between beyond big bill billing book boss both bottom brag brief briefly bring broad budget build
builds busy buy buyer buyers calculate calm capture care careful cast catch cause caution celebrate celebrating centre
certain chain challenge champion champions chance change charge cheap cheaper check checking checklists choice choose
churn circle cite claim clarify clear clearly clients close closing coach colleagues collect comfortable commit
commitment commitments common communicate companies company compare compared comparing competitor competitors complete
compliance complicated concede concern concerns concrete condition confirm confirmed confirming congratulate connect
consider contact continue contract contracts contrary contrast control conversation convert convince correct correctly
cost costs count counter couple cover create credit credits criteria curious current currently customer customers cut
data date deadline deadlines deal deals decide decision decisionmaker decisions decline deep default defend define
definitely delay deliver demo demonstrate depend depending deployment describe despite detail details determine
develop differentiate differently dig direct directly disagree discover discuss dismiss distinguish dive document
doing doubt downtime draw drill drive drop during each earlier early earn easy echo edge effort either elaborate else
empathise empathize emphasise emphasize encourage encryption end engage enjoy ensure entire especially establish
estimate evaluate even eventually everyone everything exact exactly examine example examples excellent except exchange
expand expect expectation expensive experience explain explaining explore export extend face fact facts fair faster
feature features feedback feel few figure figures final finally finance find finding fine finish finishing firm first
fit fix flag flexible focus follow following force former forward frame framing free frequently fresh friendly full
fully fundamentally further future gain gather gauge general generally gently genuine getting gladly goal goals going
good grant great greet group grow guess guide handle handling happy hard having hear hearing held help helpful helping
hesitate hidden high higher highlight hint historically hold honest honestly hope hosting however huge hurry idea
ideal identify imagine immediately impact implementation important improve include included including increase indeed
individual inform initially inquire inside insist instead integration interest interested interesting internal
interrupt introduce invest investigate invite involve issue issues join judge jump justify keep keeping key kick kind
know knowing known land large last lately later latest lead leading lean learn leave legal legally let leverage light
like likely limit limited line link list listen listening little live log long longer look looking loop lose losing
loss low lower mainly maintain make makes making manage manager managers many map mark match matter matters maximum
mean meaning means meanwhile measure meet meeting meetings members mention mentioning middle might migration mind
minimum minor mirror miss mistake money more moreover most mostly move moving much multiple nail name naming narrow
natural naturally nearly need needs negotiate neither neutral never nevertheless new next nice nobody nod none normal
normally note notes nothing notice notify now number numbers object objection objections obtain obviously occasionally
offer offering offers office often old onboarding once one ones only onto open opening openly opinion opportunity
option options order ordinary original others otherwise ourselves outcome outcomes outline outside overall owner pain
park partner parts party past patience pause pay paying payment people perfect perhaps period permission person phrase
pick picture pilot pin pitch pivot place plain plan plans play please plus point pointing points policy polite
politely portion position positive possible possibly potential practical praise prefer prepare present press pressure
pretty prevent previous previously price prices pricing primary prior prioritise prioritize probably probe problem
problems proceed process procurement product products promise promises prompt proof proposal propose prospect
prospects protect prove provide purchasing push pushing put putting quality quantify quarter question questions quick
quickly quietly quite quote quoting raise rarely rate rather reach read ready real realistic really reason reasons
reassure recall recap receive recently recheck recognise recognize recommend reconfirm record reduce refer reference
reflect refrain reframe refuse regarding regardless reinforce relate relay release relevant rely remain remember
remind repeat rephrase replace reply report request require required requirement research resist resize resolve
respect respectfully respond response responses rest restate result results return reveal review revisit right ring
risk risks role roll roughly route rule rules run running safe sale sales satisfy save savings schedule scheduling
scope secondly secure security seek seems segment select sell seller send sending senior sense sentence separate
separately serious seriously serve set setting settle several share sharing shift short shortly show showing sign
signal silence similar similarly simple simply since single situation skip slow slowly small smart smile soften solid
solution solve somebody someone something sometimes soon sooner sort sound sounds source speak speaking specific
specifically spell spend split spot stakeholder stakeholders stall stand start starting state stating stay steer step
steps stick still stop stopping story straight strength strengths stress stretch strip strong strongly structure
subject success such suggest suggesting suit summarise summarize summary support supporting suppose sure surface
surprise switch switching sympathise tackle tailor take taking talk talking target task teach tease tell telling
tension term terms test thank thanks therefore think thinking thirdly though thoughts threat throughout tie tight time
timeline timing title today together tomorrow tone tool tools top topic total toward towards trade trading training
transparent treat trial trigger trim true trust truth try trying turn type typical typically ultimately uncover
understand understanding understood unfortunately unless unlike unpack until upfront upgrade uptime urgency urgent use
useful users using usual usually validate value various vendor vendors verify version very view visit voice volunteer
wait waiting walk want warm warn watch weigh welcome whatever whenever whereas wherever whether whichever whoever
willing win wish withdraw within without wonder word wording words work working workshop worried worry worth wrap
write writing wrong yet yourself
"""

_ACRONYMS: Final = word_set(
    "i ceo cfo coo cto cio cmo cro ciso vp svp hr it pr qa roi kpi kpis tco faq faqs ok ai id ids tv pc n/a asap "
    "fyi eta usd eur gbp q a pm am ps"
)
"""Abbreviations that name a role or say nothing that could be wrong."""


_PREPOSITIONS: Final = frozenset(
    ["without", "within", "during", "per", "via", "toward", "towards", "against", "between", "among", "since", "until"]
)


@lru_cache(maxsize=1)
def _stems() -> frozenset[str]:
    stem = language_of("en").stem
    return frozenset(stem(word) for word in [*_WORDS.split(), *ENGLISH])


@remembers_words(8_192)
def is_common(word: str) -> bool:
    """Whether a folded English word may begin a sentence and name nobody."""
    bare = word.partition("'")[0]
    return bare in ENGLISH or language_of("en").stem(bare) in _stems()


def is_function_word(word: str) -> bool:
    """Whether a folded word holds a sentence together and says nothing of what it is about."""
    return word in ENGLISH or word in GERMAN or word in _PREPOSITIONS


def is_plain_acronym(word: str) -> bool:
    """Whether a folded abbreviation names nobody in particular."""
    return word in _ACRONYMS
