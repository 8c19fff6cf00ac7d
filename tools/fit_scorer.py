"""Fit the scorer's weights to labelled dialogues: writes agent/cornerman/coach/weights.py.

    tools/fit_scorer.py ../shared/eval          the data that `make eval` measures on

Every sentence in which something speaks for a moment is one row: the signals the coach would see, and whether the turn
was labelled with that kind. A logistic regression with a ridge is fitted twice, to words alone and to words with
meaning, with weights common to all kinds and small differences for each. A sentence that holds a phrase counts a second
time as if it held none: what is yet to be said will be said in other words. Printed beside it is what the same fit
reaches on dialogues it has not seen (ten-fold, whole dialogues left out).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from rich.console import Console

from cornerman.coach.exchange import Exchanges
from cornerman.coach.moments import SURE, Candidate, Detector
from cornerman.coach.scoring import SIGNALS
from cornerman.coach.transcript import Transcript
from cornerman.config import MeaningSettings
from cornerman.errors import CornermanError
from cornerman.events import Likeness, Turn
from cornerman.paths import find_project_file
from cornerman.playbook import load_playbook
from cornerman.providers.embedding import Comparison
from cornerman.replay.call_file import RecordedCall, read_call
from cornerman.replay.meaning import ReplayedMeaning
from cornerman.replay.score import COUNTS_AS, NONE, SCORED_KINDS

Numbers = npt.NDArray[np.float64]

FOLDS = 10
RIDGE_COMMON = 0.5
RIDGE_OWN = 5.0
"""How strongly weights are drawn to zero: differences between kinds much more than what they have in common, for most
kinds have few labels."""
MEETING_WEIGHT = 0.5
"""Whole meetings hold ten times as many sentences as the calls; a row of theirs counts half."""
BY_WORDS = ("phrase", "hint", "cover")
BY_MEANING = ("like", "apart", "rival")


@dataclass(frozen=True, slots=True)
class Row:
    """One kind in one sentence: who said it where, the signals, and whether it was labelled so; `by_words` when it was
    chosen for its words, else for its meaning.
    """

    group: str
    turn: int
    kind: str
    signals: tuple[float, ...]
    label: bool
    weight: float
    by_words: bool


def fit_scorer(
    data: Annotated[Path, typer.Argument(help="The folder with calls/, meetings/, moments.jsonl and score.py.")],
    playbook: Annotated[Path | None, typer.Option(help="Default: the playbook that ships.")] = None,
    weights: Annotated[Path, typer.Option(help="The module to write.")] = Path("agent/cornerman/coach/weights.py"),
) -> None:
    """Fits both sets of weights and says what they reach on dialogues left out."""
    console = Console(soft_wrap=True, highlight=False)
    try:
        book = load_playbook(playbook or find_project_file("playbook"))
        meaning = ReplayedMeaning(MeaningSettings(), wanted=True)
        comparison = meaning.of(book)
        if comparison is None:
            raise CornermanError(f"there is nothing to fit meaning to: {meaning.why_not}")
        rows = list(_rows(Detector(book), comparison, data))
    except CornermanError as error:
        Console(stderr=True, soft_wrap=True).print(str(error), style="red")
        raise typer.Exit(2) from None
    fits = {}
    for name, chosen in (("WORDS_ALONE", _words_alone(rows)), ("WITH_MEANING", _with_meaning(rows))):
        kinds = sorted({row.kind for row in chosen if row.label})
        fits[name] = _weights(_fit(chosen, kinds), kinds)
        console.print(f"{name}: {len(chosen)} rows; {_left_out(chosen, kinds)}")
    weights.write_text(_module(fits), encoding="utf-8")
    subprocess.run(
        [str(Path(sys.executable).with_name("ruff")), "format", "--quiet", str(weights)], check=True, timeout=60
    )
    console.print(f"{weights} written")


def _rows(detector: Detector, comparison: Comparison, data: Path) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as scratch:
        split = Path(scratch)
        command = [sys.executable, str(data / "score.py"), "--split", str(split)]
        subprocess.run(command, check=True, timeout=120, stdout=subprocess.DEVNULL)
        for folder, weight, last_only in (
            (data / "calls", 1.0, False),
            (split, 1.0, True),
            (data / "meetings", MEETING_WEIGHT, False),
        ):
            for file in sorted(folder.glob("*.json")):
                yield from _rows_of(read_call(file), detector, comparison, weight, last_only)


def _rows_of(
    call: RecordedCall, detector: Detector, comparison: Comparison, weight: float, last_only: bool
) -> Iterator[Row]:
    """The rows of one call: of each turn the best sentence for each kind, of a labelled kind the best in the turn."""
    labels = {label.turn: label for label in call.labels or ()}
    for turn, candidates in _turns(call, detector, comparison):
        if last_only and turn != call.turns[-1].index:
            continue
        label = labels.get(turn)
        true = {label.moment, *label.also} if label else {NONE}
        unclear = set(label.acceptable) - true if label else set()
        for by_words in (True, False):
            best: dict[tuple[str, int], Candidate] = {}
            for one in candidates:
                kind = _kind(detector, one)
                at = (kind, -1 if kind in true else one.sentence)
                better = at not in best or _rank(one, by_words) > _rank(best[at], by_words)
                if kind in SCORED_KINDS and kind not in unclear and better:
                    best[at] = one
            for (kind, _), one in best.items():
                values = tuple(float(getattr(one.signals, name)) for name in SIGNALS)
                yield Row(call.id, turn, kind, values, kind in true, weight, by_words)


def _turns(call: RecordedCall, detector: Detector, comparison: Comparison) -> Iterator[tuple[int, list[Candidate]]]:
    transcript = Transcript()
    exchanges = Exchanges(detector.language, transcript)
    for spoken in call.turns:
        role = call.role_of(spoken.identity)
        if not spoken.words or role == "observer":
            continue
        start, end = spoken.words[0].start, spoken.words[-1].end
        utterance = transcript.hear(Turn(f"t{spoken.index}", spoken.identity, role, spoken.words, start, end, 1.0))
        assert utterance is not None, "every turn of a call file is heard once"
        heard = detector.read(utterance)
        meanings: dict[tuple[int, int], tuple[Likeness, ...]] = {}
        for sentence in heard.sentences:
            first, last = heard.words_of(sentence)
            meanings[first, last] = comparison.compare(utterance.evidence(first, last).quote, role)
        exchange = exchanges.before(utterance, None)
        yield spoken.index, list(detector.candidates(heard, exchange, meanings))


def _kind(detector: Detector, candidate: Candidate) -> str:
    kind = detector.definitions[candidate.definition].kind
    return COUNTS_AS.get(kind, kind)


def _rank(candidate: Candidate, by_words: bool) -> tuple[float, ...]:
    signals = candidate.signals
    return (signals.phrase, signals.hint + signals.cover) if by_words else (signals.like + signals.apart / 2,)


def _without(row: Row, names: Sequence[str]) -> Row:
    values = tuple(0.0 if name in names else value for name, value in zip(SIGNALS, row.signals, strict=True))
    return replace(row, signals=values)


def _signal(row: Row, name: str) -> float:
    return row.signals[SIGNALS.index(name)]


def _words_alone(rows: Iterable[Row]) -> list[Row]:
    spoken = [row for row in rows if row.by_words and (_signal(row, "phrase") or _signal(row, "hint"))]
    return [_without(row, BY_MEANING) for row in spoken]


def _with_meaning(rows: Iterable[Row]) -> list[Row]:
    near = [row for row in rows if _signal(row, "like")]
    spoken = [row for row in near if row.by_words and (_signal(row, "phrase") or _signal(row, "hint"))]
    return [*(_without(row, BY_WORDS) for row in near if not row.by_words), *spoken]


def _matrix(rows: Sequence[Row], kinds: Sequence[str]) -> Numbers:
    """Rows by columns: 1 and the signals in common, then again for each kind."""
    width = 1 + len(SIGNALS)
    matrix = np.zeros((len(rows), width * (1 + len(kinds))))
    for at, row in enumerate(rows):
        values = (1.0, *row.signals)
        matrix[at, :width] = values
        if row.kind in kinds:
            start = width * (1 + kinds.index(row.kind))
            matrix[at, start : start + width] = values
    return matrix


def _fit(rows: Sequence[Row], kinds: Sequence[str]) -> Numbers:
    """Weights by Newton's method on the ridge-penalised log likelihood."""
    matrix = _matrix(rows, kinds)
    labels = np.array([row.label for row in rows], float)
    counts = np.array([row.weight for row in rows])
    width = 1 + len(SIGNALS)
    ridge = np.full(matrix.shape[1], RIDGE_OWN)
    ridge[:width] = RIDGE_COMMON
    ridge[0] = 0.01
    found = np.zeros(matrix.shape[1])
    for _ in range(100):
        likely = _likely(matrix, found)
        slope = matrix.T @ (counts * (likely - labels)) + ridge * found
        curve = (matrix * (counts * likely * (1 - likely))[:, None]).T @ matrix + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        found -= step
        if np.abs(step).max() < 1e-9:
            break
    return found


def _likely(matrix: Numbers, weights: Numbers) -> Numbers:
    likely: Numbers = 1.0 / (1.0 + np.exp(-np.clip(matrix @ weights, -30, 30)))
    return likely


def _left_out(rows: Sequence[Row], kinds: Sequence[str]) -> str:
    """Precision, and the share of labelled turns found, on dialogues the fit has not seen."""
    groups = sorted({row.group for row in rows})
    fold = {group: at % FOLDS for at, group in enumerate(groups)}
    likely = np.zeros(len(rows))
    for left in range(FOLDS):
        seen = [row for row in rows if fold[row.group] != left]
        unseen = [at for at, row in enumerate(rows) if fold[row.group] == left]
        if unseen:
            likely[unseen] = _likely(_matrix([rows[at] for at in unseen], kinds), _fit(seen, kinds))
    fired: dict[tuple[str, int, str], bool] = {}
    labelled: dict[tuple[str, int, str], bool] = {}
    for row, sure in zip(rows, likely, strict=True):
        if row.by_words and any(_signal(row, name) for name in BY_MEANING):
            continue  # what meaning does where words suffice tells nothing
        key = (row.group, row.turn, row.kind)
        labelled[key] = row.label
        fired[key] = fired.get(key, False) or bool(sure >= SURE)
    right = sum(labelled[key] for key, fire in fired.items() if fire)
    wrong = sum(fire for fire in fired.values()) - right
    return f"on dialogues left out {right} right, {wrong} wrong, of {sum(labelled.values())} labelled"


def _weights(found: Numbers, kinds: Sequence[str]) -> dict[str, dict[str, float]]:
    width = 1 + len(SIGNALS)
    names = ("", *SIGNALS)
    return {
        kind: {name: round(float(value), 3) for name, value in zip(names, part, strict=True) if abs(value) >= 0.0005}
        for kind, part in zip(("*", *kinds), found.reshape(-1, width), strict=True)
    }


def _module(fits: dict[str, dict[str, dict[str, float]]]) -> str:
    head = (
        '"""The scorer\'s weights: log odds by signal, common ones under "*" and what each kind adds to them.\n\n'
        "Written by tools/fit_scorer.py from labelled dialogues; not to be edited by hand.\n"
        '"""\n\nfrom collections.abc import Mapping\n\nWeights = Mapping[str, Mapping[str, float]]\n\n'
    )
    return head + "".join(f"{name}: Weights = {fitted!r}\n" for name, fitted in fits.items())


if __name__ == "__main__":
    typer.run(fit_scorer)
