"""Words that make numbers, units and dates in English and German, as tables."""

from __future__ import annotations

from typing import Final

from cornerman.coach.language import word_set


def _named(text: str) -> dict[str, float]:
    """Words with their values, from "one 1 two 2"."""
    parts = text.split()
    return {word: float(value) for word, value in zip(parts[::2], parts[1::2], strict=True)}


def _all(**groups: str) -> dict[str, str]:
    """Each word with the name of its group."""
    return {word: name for name, words in groups.items() for word in words.split()}


SMALL: Final = _named(
    "zero 0 nil 0 naught 0 nought 0 one 1 two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9 ten 10 eleven 11 "
    "twelve 12 thirteen 13 fourteen 14 fifteen 15 sixteen 16 seventeen 17 eighteen 18 nineteen 19"
)
TENS: Final = _named("twenty 20 thirty 30 forty 40 fourty 40 fifty 50 sixty 60 seventy 70 eighty 80 ninety 90 ninty 90")
SCALES: Final = _named(
    "hundred 100 thousand 1000 grand 1000 million 1000000 mil 1000000 mio 1000000 billion 1000000000 bn 1000000000 "
    "mrd 1000000000 trillion 1000000000000 dozen 12 lakh 100000 crore 10000000 tsd 1000 "
    "hundert 100 tausend 1000 millionen 1000000 milliarde 1000000000 milliarden 1000000000 dutzend 12"
)
GLUED_SCALES: Final = _named("k 1000 m 1000000 mn 1000000 mm 1000000 b 1000000000 bn 1000000000 t 1000000000000")
VAGUE_SCALES: Final = word_set("dozens hundreds thousands millions billions trillions tens dutzende hunderte tausende")
DENOMINATORS: Final = _named(
    "half 2 halves 2 third 3 thirds 3 quarter 4 quarters 4 fourth 4 fourths 4 fifth 5 fifths 5 sixth 6 sixths 6 "
    "seventh 7 sevenths 7 eighth 8 eighths 8 ninth 9 ninths 9 tenth 10 tenths 10 twelfth 12 twelfths 12 "
    "twentieth 20 twentieths 20 hundredth 100 hundredths 100 thousandth 1000 "
    "halb 2 halbe 2 halben 2 halber 2 halbes 2 haelfte 2 hälfte 2 drittel 3 viertel 4 fuenftel 5 fünftel 5 sechstel 6 "
    "achtel 8 zehntel 10"
)
ORDINALS: Final = _named(
    "second 2 third 3 fourth 4 fifth 5 sixth 6 seventh 7 eighth 8 ninth 9 tenth 10 eleventh 11 twelfth 12 "
    "thirteenth 13 fourteenth 14 fifteenth 15 sixteenth 16 seventeenth 17 eighteenth 18 nineteenth 19 twentieth 20 "
    "thirtieth 30 fortieth 40 fiftieth 50 hundredth 100"
)
MULTIPLES: Final = _named(
    "twice 2 double 2 doubles 2 doubled 2 doubling 2 twofold 2 thrice 3 triple 3 triples 3 tripled 3 tripling 3 "
    "treble 3 threefold 3 quadruple 4 quadruples 4 quadrupled 4 fourfold 4 fivefold 5 sixfold 6 sevenfold 7 "
    "eightfold 8 ninefold 9 tenfold 10 hundredfold 100 doppelt 2 doppelte 2 doppelten 2 verdoppelt 2 verdoppeln 2 "
    "dreifach 3 dreifache 3 vierfach 4 zehnfach 10 zweifach 2 zweimal 2 dreimal 3 viermal 4 zehnmal 10"
)
HALVING: Final = frozenset(["halve", "halves", "halved", "halving", "halbiert", "halbieren", "halbierung"])
TIMES: Final = frozenset(["x", "times", "fold", "mal", "fach", "fache"])

CURRENCIES: Final = _all(
    USD="$ dollar dollars buck bucks usd us$",
    EUR="€ euro euros eur",
    GBP="£ pound pounds gbp quid sterling pfund",
    JPY="¥ yen jpy",
    INR="₹ rupee rupees inr",
    CHF="chf franc francs franken",
    CAD="cad",
    AUD="aud",
    SEK="sek kronor",
    PLN="pln zloty",
    KRW="₩ krw",
    ILS="₪ shekel shekels",
    RUB="₽ rouble roubles ruble rubles",
    BTC="₿ bitcoin bitcoins btc",
)
"""What names money before or behind a number."""
CENTS: Final = frozenset(["cent", "cents", "¢", "penny", "pence", "rappen", "ct"])
PERCENTS: Final = frozenset(["%", "percent", "pct", "prozent", "prozentpunkte", "prozentpunkten"])

TIME_UNITS: Final = _all(
    second="second seconds sec secs sekunde sekunden",
    minute="minute minutes min mins minuten",
    hour="hour hours hr hrs stunde stunden",
    day="day days tag tage tagen tags",
    week="week weeks wk wks woche wochen wöchig",
    fortnight="fortnight fortnights",
    weekend="weekend weekends wochenende wochenenden",
    night="night nights nacht nächte",
    month="month months mo mth mths monat monate monaten monats",
    quarter="quarter quarters quartal quartale quartalen quartals",
    year="year years yr yrs jahr jahre jahren jahres",
    decade="decade decades jahrzehnt jahrzehnte",
    century="century centuries",
    millisecond="millisecond milliseconds ms",
)
COUNTED_UNITS: Final = frozenset(["fortnight", "decade", "century", "jahrzehnt"])
"""Spans that hold their own number: nobody says "a fortnight" for any while, whatever stands before it."""
GLUED_TIME_UNITS: Final = {"s": "second", "h": "hour", "d": "day", "w": "week", "y": "year", "mo": "month"}
TIME_BASES: Final = {
    "millisecond": ("millisecond", 1.0),
    "second": ("second", 1.0),
    "minute": ("minute", 1.0),
    "hour": ("hour", 1.0),
    "day": ("day", 1.0),
    "week": ("week", 1.0),
    "fortnight": ("week", 2.0),
    "weekend": ("weekend", 1.0),
    "night": ("night", 1.0),
    "month": ("month", 1.0),
    "quarter": ("month", 3.0),
    "year": ("month", 12.0),
    "decade": ("month", 120.0),
    "century": ("month", 1200.0),
}
"""What time is counted in. Days are not weeks: who says "42 days" quotes nobody who said "six weeks"."""
TIME_QUALIFIERS: Final = frozenset(["business", "working", "calendar"])

MONTHS: Final = _named(
    "january 1 jan 1 february 2 feb 2 march 3 april 4 apr 4 may 5 june 6 jun 6 july 7 jul 7 august 8 aug 8 september 9 "
    "sept 9 sep 9 october 10 oct 10 november 11 nov 11 december 12 dec 12 januar 1 februar 2 märz 3 mai 5 juni 6 "
    "juli 7 oktober 10 dezember 12 jänner 1"
)
AMBIGUOUS_MONTHS: Final = frozenset(["may", "march", "mar", "jan", "dec", "sep", "mai"])
WEEKDAYS: Final = _named(
    "monday 1 tuesday 2 wednesday 3 thursday 4 friday 5 saturday 6 sunday 7 mondays 1 tuesdays 2 wednesdays 3 "
    "thursdays 4 fridays 5 saturdays 6 sundays 7 montag 1 dienstag 2 mittwoch 3 donnerstag 4 freitag 5 samstag 6 "
    "sonnabend 6 sonntag 7"
)
SEASONS: Final = _all(
    spring="spring frühling frühjahr", summer="summer sommer", autumn="autumn fall herbst", winter="winter"
)
DATE_LEADS: Final = _all(
    next="next coming following nächste nächsten nächster nächstes kommende kommenden",
    last="last previous past letzte letzten letzter letztes vergangene vergangenen",
    this="this current diese diesen dieser dieses",
)
BEFORE_DATES: Final = word_set(
    "in by until till since from of on before after during around early mid late next last this every each "
    "through to through between bis im ab seit vor nach ende anfang mitte kommenden"
)
ALONE: Final = {
    "tomorrow": "tomorrow", "tonight": "tonight", "yesterday": "yesterday", "overnight": "overnight", "noon": "noon",
    "midday": "noon", "midnight": "midnight", "dozens": "dozens", "unlimited": "unlimited", "infinite": "unlimited",
    "limitless": "unlimited", "lifetime": "lifetime", "forever": "forever", "couple": "couple", "morgen": "tomorrow",
    "gestern": "yesterday", "unbegrenzt": "unlimited", "unbegrenzte": "unlimited", "mittag": "noon",
    "fortnightly": "fortnightly", "biweekly": "biweekly", "bimonthly": "bimonthly", "biannual": "biannual",
    "semiannual": "biannual", "halbjährlich": "biannual", "daylong": "daylong", "weeklong": "weeklong",
    "monthlong": "monthlong", "yearlong": "yearlong", "halbjahr": "halbjahr", "ganzjährig": "yearlong",
}  # fmt: skip
"""Words that say a number, an amount without end or a date by themselves: they have to occur as such."""
RATES: Final = _all(
    seat="seat seats user users agent agents licence licences license licenses person head platz plätze nutzer",
    month="month months monthly mo monat monatlich",
    year="year years yearly annually annual annum yr jahr jährlich",
    week="week weekly woche wöchentlich",
    day="day daily tag täglich",
    hour="hour hourly hr stunde",
    quarter="quarter quarterly quartal",
)
"""What money is paid for or by, with its other names."""
FOREIGN: Final = word_set(
    "deux trois quatre cinq sept huit neuf dix onze douze quinze vingt trente quarante cinquante soixante "
    "dos tres cuatro cinco seis siete ocho nueve diez veinte treinta cuarenta cincuenta sesenta ciento mitad "
    "moitié dieci venti trenta quaranta cinquanta cento metà twintig dertig veertig vijftig tien procent ciento "
    "pourcent"
)
"""Number words of other languages, in which an answer might hide one: they have to occur as they are."""
