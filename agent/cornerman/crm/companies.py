"""Which of several records is the company that was asked for.

The wrong account's facts are worse than none: they would be told with a source. So a name must be the same, apart from
case, punctuation and legal form, and where two records fit nobody guesses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

from cornerman.crm.errors import AccountUnclearError

Found = TypeVar("Found")

_LEGAL_FORMS = re.compile(
    r"inc|incorporated|llc|llp|lp|ltd|limited|plc|corp|corporation|co|company|gmbh|ag|kg|kgaa|ohg|se|ug|mbh|ev|eg"
    r"|sa|sas|sarl|srl|spa|bv|nv|oy|oyj|ab|as|asa|aps|pty"
)
_JOINING = str.maketrans("", "", ".'\u2019")
"""Signs inside a word: L.L.C., Macy's."""


def chosen(candidates: Iterable[Found], company: str, name_of: Callable[[Found], str], source: str) -> Found | None:
    """The candidate of this name; one that is written alike goes before one whose legal form differs.

    Raises: AccountUnclearError: two or more fit equally well.
    """
    asked = _words(company)
    core = " ".join(_core(asked))
    if not core:
        return None
    alike = [one for one in candidates if " ".join(_core(_words(name_of(one)))) == core]
    same = [one for one in alike if _words(name_of(one)) == asked]
    fitting = same or alike
    if len(fitting) > 1:
        raise AccountUnclearError(f"{source} has {len(fitting)} accounts of this name: give crm_id in the metadata")
    return fitting[0] if fitting else None


def core_name(company: str) -> str:
    """The name as it is written, without the legal form at its end."""
    written = company.split()
    while len(written) > 1 and _core(_words(" ".join(written))) == _core(_words(" ".join(written[:-1]))):
        written.pop()
    return " ".join(written).rstrip(" ,.&+")


def _words(name: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", name).casefold().translate(_JOINING)
    return re.findall(r"[^\W_]+", folded)


def _core(words: list[str]) -> list[str]:
    """Without legal forms at the end; a name that is nothing else stays."""
    end = len(words)
    while end > 1 and _LEGAL_FORMS.fullmatch(words[end - 1]):
        end -= 1
    return words[:end]
