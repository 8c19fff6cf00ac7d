"""How well and how fast sections are found, beside words alone.

Quality: 120 questions for the sample playbook, written from its headings alone (bench/questions/judged.yaml), and with
`--faq` a public set that nothing was tuned on. Peers, on the same terms: BM25 over titles and texts, and over what
people say as well. Speed: made-up playbooks of 2,000 and 50,000 sections whose words are as frequent as the sample's,
searched with the same questions; the vectors of sections are made up too, those of questions are not.

    python -m bench.retrieval                    # from the root of the repository
    python -m bench.retrieval --faq FOLDER       # with stackExchange-FAQ.json in it
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import accumulate
from pathlib import Path
from zlib import crc32

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.judgement import DEPTH, Question, judge, public_faq, questions
from bench.measured import Figure, Run, as_table, percentile, this_machine, write_json
from bench.processes import ROOT
from cornerman.paths import cache_folder, find_project_file
from cornerman.playbook import Playbook, Section, load_playbook
from cornerman.providers.embedding import DIMENSIONS, Embedder
from cornerman.providers.embedding.embedder import Vectors
from cornerman.retrieval import Index, Query, said_of

GAIN = 0.05
"""nDCG@10 above the better of the peers."""
WORDS_GOALS = {2_000: 5.0, 50_000: 15.0}
MEANING_GOAL = 15.0
"""Milliseconds that 95 of 100 questions must stay under."""
SECTION_WORDS = 40
RARE = 20_000
"""Names and the like: words that a section or two hold."""
FOLDER = "bench-section-vectors"


class MadeUp(Embedder):
    """The real model, but that vectors are drawn instead of worked out while `drawing`."""

    drawing = True

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As `Embedder.encode`."""
        if not self.drawing:
            return super().encode(texts)
        chance = np.random.default_rng(crc32("\n".join(texts).encode()))
        vectors = chance.standard_normal((len(texts), DIMENSIONS), dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def made_up(playbook: Playbook, count: int) -> list[Section]:
    """Sections of the sample's words, as frequent as there, each with a rare one."""
    chance = random.Random(20)
    found = Counter(word for section in playbook.sections.values() for word in section.text.split())
    words, weights = list(found), list(accumulate(found.values()))
    made = []
    for number in range(count):
        text = [*chance.choices(words, cum_weights=weights, k=SECTION_WORDS), f"name{chance.randrange(RARE)}"]
        title = " ".join(chance.choices(words, cum_weights=weights, k=4))
        made.append(Section(f"objections/d{number // 4}#s{number}", title, " ".join(text), "made.md"))
    return made


def times(index: Index, asked: Sequence[Question]) -> tuple[float, float]:
    """Milliseconds that 95 of 100 questions stay under, with all that a call adds to them: on the clock, and of the
    processor.
    """
    took, worked = [], []
    for question in asked:
        query = Query(question.ask, "negotiation", ("retail", "help desk"), frozenset({"objections/d1#s5"}))
        began, work_began = time.perf_counter(), time.thread_time()
        index.search(query)
        took.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.thread_time() - work_began))
    return percentile(took, 0.95), percentile(worked, 0.95)


def speed(playbook: Playbook, asked: Sequence[Question], rounds: int) -> list[Figure]:
    """Words alone, and what meaning adds; both take turns."""
    figures = []
    embedder = MadeUp()
    for count, goal in WORDS_GOALS.items():
        sections = made_up(playbook, count)
        words = Index(sections, playbook.language)
        embedder.drawing = True
        with tempfile.TemporaryDirectory() as folder:
            both = words.with_meaning(embedder, Path(folder))
        embedder.drawing = False
        found = np.asarray([[times(index, asked) for index in (words, both)] for _ in range(rounds)]).min(axis=0)
        for place, of, limits in ((0, "p95", (goal, MEANING_GOAL)), (1, "p95 of the processor's time", (None, None))):
            by_words, by_both = (float(one) for one in found[:, place])
            name = f"{count:,} sections, {of}"
            on_top = Run(by_both - by_words, by_words)
            figures.append(Figure(f"{name}: words", "ms", "", (Run(by_words),), len(asked), limits[0]))
            figures.append(Figure(f"{name}: meaning on top", "ms", "words", (on_top,), len(asked), limits[1]))
    return figures


def quality(table: Table, name: str, asked: Sequence[Question], ways: Sequence[tuple[str, Index]]) -> float:
    """One row a way; returns how far the last way is above the best other in nDCG@10."""
    found = []
    for number, (way, index) in enumerate(ways):
        of_one = judge(asked, partial(_ids, index))
        found.append(of_one.ndcg)
        shares = (f"{of_one.first:.0%}", f"{of_one.among_five:.0%}")
        table.add_row(name if number == 0 else "", way, f"{of_one.ndcg:.3f}", *shares)
    gained = found[-1] - max(found[:-1])
    table.add_row("", "gained on the better peer", f"{gained:+.3f}", "", "", end_section=True)
    return gained


def _ids(index: Index, ask: str) -> list[str]:
    return [hit.section.id for hit in index.search(Query(ask, limit=DEPTH))]


def main() -> None:
    """Measures and prints. Status 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faq", type=Path, metavar="FOLDER", help="where stackExchange-FAQ.json is")
    parser.add_argument("--rounds", type=int, default=5, help="the best of so many counts: other load only adds")
    parser.add_argument("--json", type=Path, default=ROOT / "bench" / "retrieval.json")
    options = parser.parse_args()
    machine = this_machine()
    playbook = load_playbook(find_project_file("playbook"))
    sections, said = tuple(playbook.sections.values()), said_of(playbook)
    embedder, folder = Embedder(), cache_folder() / FOLDER
    words, words_said = Index(sections, playbook.language), Index(sections, playbook.language, said=said)
    ways = [
        ("BM25", words),
        ("BM25, with what people say", words_said),
        ("words and meaning", words_said.with_meaning(embedder, folder)),
    ]
    table = Table("questions", "found by", f"nDCG@{DEPTH}", "best first", "best of five", title="Quality")
    judged = questions("judged")
    gained = {"sample playbook": quality(table, f"sample playbook: {len(judged)} for {len(sections)}", judged, ways)}
    if options.faq is not None:
        answers, asked = public_faq(options.faq)
        untitled = [Section(one.id, "", one.text, one.locator) for one in answers]
        for name, those in (("questions and answers", answers), ("answers alone", untitled)):
            by_words = Index(those, "en")
            two = [("BM25", by_words), ("words and meaning", by_words.with_meaning(embedder, folder))]
            gained[name] = quality(table, f"StackFAQ, {name}: {len(asked)} for {len(those)}", asked, two)
    figures = speed(playbook, judged, options.rounds)
    console = Console(soft_wrap=True, highlight=False)
    console.print(table)
    if options.faq is None:
        console.print("the public set was not asked: no --faq")
    console.print(as_table(f"Speed, {len(judged)} questions, best of {options.rounds} rounds", figures, machine))
    console.print(f"goal of quality: nDCG@{DEPTH} at least {GAIN} above the better peer")
    gains = [Figure(f"nDCG@{DEPTH} gained: {name}", "", "BM25", (Run(gain),)) for name, gain in gained.items()]
    write_json(options.json, [*gains, *figures], machine)
    missed = min(gained.values()) < GAIN or any(figure.kept is False for figure in figures)
    raise SystemExit(missed)


if __name__ == "__main__":
    main()
