"""The Markdown documents of a playbook: cards, the sections that support them, competitors, products, pronunciations.

File texts in; what they say out, with faults for documents that cannot be used. References from moments are not known
here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from cornerman.playbook.faults import FaultLog
from cornerman.playbook.files import BATTLECARDS_FOLDER, CARD_FOLDERS, PRODUCTS_FOLDER, PlaybookFiles
from cornerman.playbook.markdown import FrontMatter, passages, split_front_matter
from cornerman.playbook.model import Card, Competitor, Product, Section
from cornerman.playbook.phrases import words_of
from cornerman.playbook.schema import BattlecardPart, CardPart, ProductPart
from cornerman.playbook.yaml_tree import Report, YamlTree, read_yaml

HEADLINE_WORDS = range(6, 13)
"""A headline of 6 to 12 words is read in one glance while listening."""

Part = TypeVar("Part", bound=BaseModel)
CardKind = TypeVar("CardKind", bound=CardPart)


@dataclass(slots=True)
class Library:
    """What the documents hold; ids are unique because file names are. `detail_lines` says where a card's detail
    stands.
    """

    cards: dict[str, Card] = field(default_factory=dict)
    detail_lines: dict[str, int] = field(default_factory=dict)
    competitors: list[Competitor] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    sections: dict[str, Section] = field(default_factory=dict)
    pronunciations: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Document:
    path: str
    front: FrontMatter
    tree: YamlTree

    @property
    def id(self) -> str:
        return self.path.removesuffix(".md")

    @property
    def body_line(self) -> int:
        """The line of the `---` that ends the front matter."""
        return self.front.first_line + self.front.text.count("\n") + 1


def read_documents(files: PlaybookFiles, log: FaultLog) -> Library:
    """Reads every document of the document folders."""
    library = Library()
    names = _NameRegister(log)
    for document in _opened(files, BATTLECARDS_FOLDER, log):
        _read_battlecard(document, library, names, log)
    for folder in CARD_FOLDERS:
        for document in _opened(files, folder, log):
            _read_card(document, CardPart, library, log)
    for document in _opened(files, PRODUCTS_FOLDER, log):
        _read_product(document, library, names, log)
    return library


def warn_of_length(file: str, line: int, headline: str, log: FaultLog) -> None:
    """A headline outside 6 to 12 words is worth a warning."""
    count = len(headline.split())
    if count not in HEADLINE_WORDS:
        log.warn(file, line, f"the headline has {count} words; 6 to 12 are read at a glance")


class _NameRegister:
    """Every name and alias belongs to one document, else a mention could not be told apart."""

    def __init__(self, log: FaultLog) -> None:
        self._log = log
        self._owners: dict[tuple[str, ...], str] = {}

    def claim(self, document: _Document, names: Iterable[tuple[str, tuple[str | int, ...]]]) -> None:
        for name, at in names:
            words = words_of(name)
            line = document.tree.line_at(at)
            owner = self._owners.setdefault(words, document.path)
            if not words:
                self._log.add(document.path, line, f"the name {name!r} holds no word; write it with letters")
            elif owner != document.path:
                self._log.add(
                    document.path, line, f"the name {name!r} belongs to {owner} already; give it to one of them"
                )


def _opened(files: PlaybookFiles, folder: str, log: FaultLog) -> Iterator[_Document]:
    """The documents of a folder whose front matter is there and is YAML."""
    for path, text in files.within(folder):
        front = split_front_matter(text)
        if front is None:
            log.add(path, 1, "the front matter is missing; start the file with '---', fields such as title, and '---'")
            continue
        tree = read_yaml(front.text, front.first_line, _reporter(path, log))
        if tree is not None:
            yield _Document(path, front, tree)


def _reporter(path: str, log: FaultLog) -> Report:
    return lambda line, fault: log.add(path, line, fault)


def _front(document: _Document, model: type[Part], log: FaultLog) -> Part | None:
    try:
        return model.model_validate({} if document.tree.value is None else document.tree.value)
    except ValidationError as error:
        log.add_validation(document.path, document.tree, (), model, error)
        return None


def _read_sections(document: _Document, title: str, library: Library) -> list[Section]:
    """The document's sections, added to the library."""
    found: list[Section] = []
    for passage in passages(document.front.body):
        # Document titles are often repeated as the first heading; said once is enough in a citation.
        named = title if passage.heading in ("", title) else f"{title}: {passage.heading}"
        anchor = f"#{passage.slug}"
        section = Section(document.id + anchor, named, passage.text, document.path + anchor)
        library.sections[section.id] = section
        found.append(section)
    return found


def _read_card(document: _Document, model: type[CardKind], library: Library, log: FaultLog) -> CardKind | None:
    part = _front(document, model, log)
    if part is None:
        return None
    sections = _read_sections(document, part.title, library)
    if not sections:
        wrong = "no text follows the front matter; write what supports the card, under a heading"
        log.add(document.path, document.body_line, wrong)
        return None
    cited = _cited(document, part.section, sections, log)
    warn_of_length(document.path, document.tree.line_at(("headline",)), part.headline, log)
    library.cards[document.id] = Card(document.id, part.headline, part.detail, cited.as_source(), part.look)
    library.detail_lines[document.id] = document.tree.line_at(("detail",))
    return part


def _cited(document: _Document, slug: str | None, sections: list[Section], log: FaultLog) -> Section:
    if slug is None:
        return sections[0]
    by_slug = {section.id.split("#", 1)[1]: section for section in sections}
    if slug not in by_slug:
        line = document.tree.line_at(("section",))
        log.add(document.path, line, f"there is no section {slug!r}; the sections are {', '.join(by_slug)}")
    return by_slug.get(slug, sections[0])


def _read_battlecard(document: _Document, library: Library, names: _NameRegister, log: FaultLog) -> None:
    part = _read_card(document, BattlecardPart, library, log)
    if part is None:
        return
    names.claim(document, _named(part.competitor, "competitor", part.aliases))
    _pronounce(document, (part.competitor, *part.aliases), part.pronunciations, library, log)
    library.competitors.append(Competitor(part.competitor, part.aliases, document.id))


def _read_product(document: _Document, library: Library, names: _NameRegister, log: FaultLog) -> None:
    part = _front(document, ProductPart, log)
    if part is None:
        return
    if not _read_sections(document, part.title, library):
        log.add(document.path, document.body_line, "no text follows the front matter; describe the product")
    if part.name is None:
        if part.aliases or part.pronunciations:
            line = document.tree.line_at(("aliases",) if part.aliases else ("pronunciations",))
            log.add(document.path, line, "aliases and pronunciations need a 'name'; add it, or remove them")
        return
    names.claim(document, _named(part.name, "name", part.aliases))
    _pronounce(document, (part.name, *part.aliases), part.pronunciations, library, log)
    library.products.append(Product(part.name, part.aliases, document.id))


def _named(name: str, field_name: str, aliases: tuple[str, ...]) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(name, (field_name,)), *((alias, ("aliases", index)) for index, alias in enumerate(aliases))]


def _pronounce(
    document: _Document,
    names: Iterable[str],
    pronunciations: Mapping[str, tuple[str, ...]],
    library: Library,
    log: FaultLog,
) -> None:
    known = {word for name in names for word in words_of(name)}
    for written, spoken in pronunciations.items():
        words = words_of(written)
        if len(words) != 1 or words[0] not in known:
            line = document.tree.line_at(("pronunciations", written))
            mend = f"the words are {', '.join(sorted(known))}"
            log.add(document.path, line, f"{written!r} is no single word of the name or an alias; {mend}")
            continue
        earlier = library.pronunciations.get(words[0], ())
        library.pronunciations[words[0]] = tuple(dict.fromkeys((*earlier, *spoken)))
