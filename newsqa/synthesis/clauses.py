"""A text as clauses of words: what is a name, a number or a day in them, what is denied, what open.

Readings of English by its surface, as cheap as they are shallow: what is compared with them is
one sentence and the quote that should say the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal, TypeAlias

from newsqa.chunking import sentence_spans
from newsqa.synthesis.days import Day, days_in
from newsqa.synthesis.naming import Name, names_in
from newsqa.synthesis.quantities import Quantity, quantities_in
from newsqa.synthesis.wording import is_content, leans

Stem: TypeAlias = Callable[[str], str]
AnchorKind: TypeAlias = Literal["name", "number", "day"]

_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)*")
_BREAK = re.compile(
    r";|:(?= )|,? (?:but|while|whereas|although)\b|, (?:and|who|which|where|whose)\b|[–—]"
    r"|(?<=[\w”\"]) and (?=(?:[a-z]+ly )?"
    r"(?:was|were|is|are|has|had|will|would|said|won|lost|told)\b)"
)
_NOT = re.compile(
    r"\b(?:not(?! only)|never|no longer|neither|nor|nobody|none|nothing|no one|without|cannot|"
    r"failed to|fails to|refused to|declined to|denied|denies|deny|"
    r"no(?! (?:more|fewer|less|later|longer|doubt)\b))\b|n[’']t\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:may(?! \d)|might|could|would|should|intends?|intended|plans?|planned|propos\w+|"
    r"expect\w*|hopes?|"
    r"hoped|hoping|likely|unlikely|possibl\w+|allegedly|alleged|accused?|suspected|reportedly|"
    r"rumou?r\w*|claim(?:s|ed)?|if|unless|whether|wants?|wanted|asked|urged|calls? for|considering|"
    r"threaten\w*|promis\w+|pledg\w+|predict\w*|forecast\w*|believ\w+|thinks?|thought|"
    r"seek(?:s|ing)?|sought|due to|set to|aims? to)\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(r"\b(?:will|shall|going to|to be|is to|are to|was to|were to)\b|[’']ll\b", re.I)
SCOPE = 3
"""Content words after a negation that it can deny."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its stem and what it is."""

    text: str
    stem: str
    start: int
    anchor: int | None
    """Which anchor of the clause's text it belongs to."""
    content: bool


@dataclass(frozen=True, slots=True)
class Anchor:
    """A name, a number or a day at its place."""

    kind: AnchorKind
    start: int
    end: int
    name: Name | None = None
    number: Quantity | None = None
    day: Day | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """Part of a sentence with one statement, or a whole sentence."""

    text: str
    words: tuple[Word, ...]
    anchors: tuple[Anchor, ...]
    leans: bool
    """Whether it starts by pointing back."""

    @property
    def stems(self) -> frozenset[str]:
        """Of its content words that are no anchors."""
        return frozenset(w.stem for w in self.words if w.content and w.anchor is None)

    @property
    def all_stems(self) -> frozenset[str]:
        """Of every content word, names included."""
        return frozenset(w.stem for w in self.words if w.content)

    def after(self, at: int, count: int = SCOPE) -> list[str]:
        """The stems of the next content words from a place on."""
        return [w.stem for w in self.words if w.start >= at and w.content][:count]

    def denied(self) -> list[list[str]]:
        """Of each negation, the content words that follow it."""
        return [self.after(cue.end()) for cue in _NOT.finditer(self.text)]

    def left_open(self) -> list[str]:
        """The words that are only expected, planned, claimed or supposed."""
        found = []
        for cue in _OPEN.finditer(self.text):
            verb = re.match(r"(?:\W+\w+){0,5}?\W+to (\w+)", self.text[cue.end() :])
            if verb and not re.match(r"(?:may|might|could|would|should)$", cue[0], re.I):
                found += self.after(cue.end() + verb.start(1), 1)
            else:
                found += self.after(cue.end(), 1)
        return found

    @property
    def is_open(self) -> bool:
        """Whether it says itself that what it says isn't settled."""
        return bool(_OPEN.search(self.text) or _AHEAD.search(self.text))

    @property
    def is_denied(self) -> bool:
        """Whether it has a negation."""
        return _NOT.search(self.text) is not None


def sentences_of(text: str, *, stem: Stem, published: date | None = None) -> tuple[Clause, ...]:
    """Each sentence of a text as one clause."""
    parts = [text[span.start : span.end] for span in sentence_spans(text)]
    return tuple(read_clause(part, stem=stem, published=published) for part in parts)


def clauses_of(sentence: str, *, stem: Stem, common: Collection[str]) -> tuple[Clause, ...]:
    """The clauses of a sentence, each with a word of content."""
    cuts = [0, *(match.start() for match in _BREAK.finditer(sentence)), len(sentence)]
    parts = [sentence[a:b] for a, b in pairwise(cuts)]
    read = [read_clause(part, stem=stem, common=common) for part in parts if part.strip()]
    return tuple(clause for clause in read if any(w.content for w in clause.words))


def read_clause(
    text: str,
    *,
    stem: Stem,
    published: date | None = None,
    common: Collection[str] = (),
) -> Clause:
    """Words and anchors of a text, in order."""
    days = days_in(text, published=published)
    blanked = _blanked(text, days)
    anchors = [Anchor("day", each.start, each.end, day=each) for each in days]
    numbers = quantities_in(blanked)
    anchors += [Anchor("number", each.start, each.end, number=each) for each in numbers]
    in_words = [each for each in numbers if not text[each.start].isdigit()]
    named = names_in(_blanked(blanked, in_words), common=common)
    anchors += [Anchor("name", each.start, each.end, name=each) for each in named]
    anchors.sort(key=lambda anchor: anchor.start)
    return Clause(text, _words(text, anchors, stem), tuple(anchors), leans(text.lstrip(" ,;—–")))


def _blanked(text: str, places: Sequence[Day | Quantity]) -> str:
    """The text with spaces in those places: "11 March" is no number, "Twenty-six" no name."""
    for each in places:
        text = f"{text[: each.start]}{' ' * (each.end - each.start)}{text[each.end :]}"
    return text


def _words(text: str, anchors: Sequence[Anchor], stem: Stem) -> tuple[Word, ...]:
    found = []
    for match in _WORD.finditer(text):
        word = match[0].casefold()
        bare = re.sub(r"[’']s$", "", word)
        anchor = next(
            (at for at, a in enumerate(anchors) if a.start <= match.start() < a.end), None
        )
        content = is_content(bare) and bare not in _REPORTING and not _NOT.fullmatch(bare)
        found.append(Word(match[0], stem(bare), match.start(), anchor, content))
    return tuple(found)


_REPORTING = frozenset(
    """said says say saying told tells stated reported reports added according percent per cent
    mr mrs ms dr also only just very more most than about around some been now still then however
    when while""".split()
)
