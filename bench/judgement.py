"""Questions with the sections that answer them, and how well a search does on them.

In: questions for the sample playbook from bench/questions, or a public set of frequently asked questions from a folder.
Out: the mean of nDCG@10 (Järvelin and Kekäläinen 2002, gain 2^grade - 1), and how often the best comes first or among
the first five.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Any

import yaml

from cornerman.errors import CornermanError
from cornerman.playbook import Section

QUESTIONS = Path(__file__).parent / "questions"
DEPTH = 10
FAQ_FILE = "stackExchange-FAQ.json"

Finds = Callable[[str], Sequence[str]]
"""A question in, ids of sections out, best first."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and for the ids of the sections that help how much they do: 2 answers it, 1 helps."""

    ask: str
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Quality:
    """Means over all questions."""

    ndcg: float
    first: float
    among_five: float


def questions(name: str) -> list[Question]:
    """Those of a file in bench/questions."""
    entries = yaml.safe_load((QUESTIONS / f"{name}.yaml").read_text(encoding="utf-8"))
    return [
        Question(entry["ask"], {**dict.fromkeys(entry.get("also", ()), 1), **dict.fromkeys(entry["best"], 2)})
        for entry in entries
    ]


def public_faq(folder: Path) -> tuple[list[Section], list[Question]]:
    """StackFAQ (Karan and Šnajder 2018): answers of public forums below the question they were given to, and other ways
    to ask it. All answers to a question count alike.

    Raises:
        CornermanError: the file is not in the folder.
    """
    file = folder / FAQ_FILE
    if not file.is_file():
        raise CornermanError(
            f"{file} is not there; get the file {FAQ_FILE} of the data set StackFAQ, or leave --faq out"
        )
    sections: list[Section] = []
    asked: list[Question] = []
    for number, thread in enumerate(json.loads(file.read_text(encoding="utf-8"))["root"]["qapair"]):
        ids = []
        for place, answer in enumerate(_texts(thread["answer"])):
            ids.append(f"faq/{number}#{place}")
            sections.append(Section(ids[-1], " ".join(thread["question"].split()), answer, ids[-1]))
        asked += [Question(text, dict.fromkeys(ids, 2)) for text in _texts(thread["rephr"])]
    return sections, asked


def judge(asked: Sequence[Question], finds: Finds) -> Quality:
    """How well a search does."""
    ndcg = first = among_five = 0.0
    for question in asked:
        grades = [question.grades.get(one, 0) for one in finds(question.ask)]
        ideal = sorted(question.grades.values(), reverse=True)
        ndcg += _gain(grades) / _gain(ideal)
        first += grades[:1] == ideal[:1]
        among_five += ideal[0] in grades[:5]
    return Quality(ndcg / len(asked), first / len(asked), among_five / len(asked))


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / log2(place + 2) for place, grade in enumerate(grades[:DEPTH]))


def _texts(value: Any) -> list[str]:
    """One text or several, without the stars that part annotators."""
    several = value if isinstance(value, list) else [value]
    return [text for one in several if isinstance(one, str) and (text := " ".join(one.split())).strip("*")]
