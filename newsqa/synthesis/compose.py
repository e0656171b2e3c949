"""Evidence → prose: the most direct sentences, in the articles' own words, each cited."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from newsqa.synthesis.evidence import Candidate
from newsqa.synthesis.neighbours import following, needs_what_is_before, with_neighbours
from newsqa.synthesis.wording import (
    changes,
    corroborates,
    numbers_in,
    without_dateline,
)
from newsqa.types import Article, Citation, Evidence, Hit, Span

AGREES_FROM = 0.80
"""Cosine of two sentences from which the second says the same as the first."""
REPEATS_FROM = 0.75
"""Cosine from which it adds too little to be shown beside it."""
FOLLOWS_FROM = 0.35
"""Share of the first sentence's score that a further sentence needs."""
FOLLOWS_AT_LEAST = 0.1
"""Score that it needs too where a fact was read for: of the sentences below, that followed answers
to questions of the quiz, three in a hundred had what was asked for."""
A_DAY = 24 * 60 * 60.0
"""Seconds between two articles from which the later may tell of a change."""
MAX_CITATIONS = 3
"""Of one sentence."""
MAX_CONTEXT_CHARS = 1000
"""Of a paragraph on either side of a quote."""

_MARK_LIKE = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A sentence of an answer and the numbers of its citations."""

    text: str
    numbers: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.text} {''.join(f'[{n}]' for n in self.numbers)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """Statements in order, and the citations that their numbers stand for."""

    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]

    @property
    def text(self) -> str:
        """The statements with their marks."""
        return " ".join(str(statement) for statement in self.statements)

    def only(self, kept: Sequence[Statement]) -> Composition:
        """The same of fewer statements, citations numbered anew and unused ones left out."""
        order = list(dict.fromkeys(n for statement in kept for n in statement.numbers))
        place = {old: new for new, old in enumerate(order, start=1)}
        by_number = {citation.number: citation for citation in self.citations}
        return Composition(
            statements=tuple(
                Statement(text=s.text, numbers=tuple(place[n] for n in s.numbers)) for s in kept
            ),
            citations=tuple(replace(by_number[old], number=new) for old, new in place.items()),
        )


def compose(
    candidates: Sequence[Candidate],
    hits: Sequence[Hit],
    *,
    max_sentences: int,
    in_time: bool = False,
    several: Sequence[str] = (),
    least: float = 0.0,
) -> Composition:
    """An answer of the best candidate and of what else speaks to the question.

    Best first, or with `in_time` in the order in which the articles were published and wrote it.
    What follows the best has a score of at least `least`, in [0, 1].

    Sentences are the articles' own.  One that says what an earlier one says is not shown
    again: where it stands in another article it becomes a further citation of the first.
    Sentences that differ in a number never count as saying the same, nor do those that hold
    different ones of `several` exact answers, each of which gets its sentence.
    """
    held: set[str] = set()
    groups: list[list[Candidate]] = []
    for candidate in candidates:
        new = {text for text in several if text in candidate.evidence.text} - held
        said = None if new else next((g for g in groups if _same(g[0], candidate)), None)
        if said is not None:
            cited = {c.evidence.article.id for c in said}
            if candidate.evidence.article.id not in cited and _agrees(said[0], candidate):
                said.append(candidate)
        elif new or (len(groups) < max_sentences and _follows(candidate, groups, least)):
            groups.append([candidate])
            held |= new
    if in_time:
        groups.sort(key=lambda group: _moment(group[0].evidence))
    numbering = _Numbering()
    statements: list[Statement] = []
    by_rank = {hit.rank: hit for hit in hits}
    shown: dict[tuple[str, int], tuple[Hit, Span]] = {}  # of each statement, in their order
    for group in groups:
        first = group[0].evidence
        others = [
            numbering.cite(
                each.evidence.article, Span(start=each.evidence.start, end=each.evidence.end)
            )
            for each in group[1:MAX_CITATIONS]
        ]
        if (first.article.id, first.start) in shown:  # it came along with an earlier one
            at = list(shown).index((first.article.id, first.start))
            both = [*statements[at].numbers, *others]
            statements[at] = replace(statements[at], numbers=tuple(dict.fromkeys(both)))
            continue
        hit = by_rank[first.hit]
        spans = _still_to_tell(first, hit, shown)
        shown |= {(first.article.id, span.start): (hit, span) for span in spans}
        whole = Span(start=spans[0].start, end=spans[-1].end)
        numbers = [numbering.cite(first.article, whole), *others]
        statements += [
            _statement(first.article, span, numbers if span.start == first.start else numbers[:1])
            for span in spans
        ]
    whole_of_it = Composition(statements=tuple(statements), citations=tuple(numbering.citations))
    return whole_of_it.only([statements[at] for at in _in_chains(shown)])


def _still_to_tell(
    first: Evidence, hit: Hit, shown: Mapping[tuple[str, int], object]
) -> list[Span]:
    """What is not shown yet of a sentence and of what it can't be read without, in one piece."""
    spans = with_neighbours(first, hit)
    told = [span.start for span in spans if (first.article.id, span.start) in shown]
    known = max((start for start in told if start < first.start), default=-1)
    return [span for span in spans if span.start > known and span.start not in told]


def _in_chains(shown: Mapping[tuple[str, int], tuple[Hit, Span]]) -> list[int]:
    """The order in which each sentence stands right behind the one that it points back to.

    Where that is shown too: such chains stand where the first of them was.
    """
    place = {key: at for at, key in enumerate(shown)}
    behind: dict[int, int] = {}
    for (article, _), (hit, span) in shown.items():
        after = following(hit.article.text, span, hit)
        next_ = place.get((article, after.start)) if after else None
        if after and next_ is not None and needs_what_is_before(hit.article.text, after):
            behind[place[article, span.start]] = next_
    ahead = {later: earlier for earlier, later in behind.items()}
    order: dict[int, None] = {}
    for at in place.values():
        while at in ahead:
            at = ahead[at]
        while at not in order:
            order[at] = None
            at = behind.get(at, at)
    return list(order)


def readable(text: str) -> str:
    """A quote as prose: white space folded, no dateline, nothing that looks like our marks."""
    return _MARK_LIKE.sub(r"(\1)", without_dateline(" ".join(text.split())))


def cite(article: Article, span: Span, number: int) -> Citation:
    """The citation of a place in an article, with the paragraph around it."""
    text = article.text
    start = text.rfind("\n", max(0, span.start - MAX_CONTEXT_CHARS), span.start) + 1
    start = start or max(0, span.start - MAX_CONTEXT_CHARS)
    end = text.find("\n", span.end, span.end + MAX_CONTEXT_CHARS)
    end = min(len(text), span.end + MAX_CONTEXT_CHARS) if end < 0 else end
    return Citation(
        article_id=article.id,
        title=article.title,
        source=article.source,
        authors=article.authors,
        published=article.published,
        url=article.url,
        number=number,
        quote=article.text[span.start : span.end],
        start=span.start,
        end=span.end,
        context=article.text[start:end],
        context_start=start,
    )


def _follows(candidate: Candidate, groups: Sequence[Sequence[Candidate]], least: float) -> bool:
    """Whether a sentence speaks to the question well enough to stand after the first."""
    if not groups:
        return True
    return candidate.evidence.score >= max(least, FOLLOWS_FROM * groups[0][0].evidence.score)


def _moment(evidence: Evidence) -> tuple[bool, float, str, int]:
    """What orders sentences in time; those without a date come last."""
    published = evidence.article.published
    when = published.timestamp() if published else 0.0
    return (published is None, when, evidence.article.id, evidence.start)


class _Numbering:
    """Numbers from 1 in the order of first use; the same place keeps its number."""

    def __init__(self) -> None:
        self.citations: list[Citation] = []

    def cite(self, article: Article, span: Span) -> int:
        for known in self.citations:
            if (known.article_id, known.start, known.end) == (article.id, span.start, span.end):
                return known.number
        self.citations.append(cite(article, span, len(self.citations) + 1))
        return len(self.citations)


def _statement(article: Article, span: Span, numbers: Sequence[int]) -> Statement:
    return Statement(text=readable(article.text[span.start : span.end]), numbers=tuple(numbers))


def _same(one: Candidate, other: Candidate) -> bool:
    if float(np.dot(one.vector, other.vector)) < REPEATS_FROM:
        return _overlapping(one.evidence, other.evidence)
    return _numbers_agree(one, other) and not _changed(one.evidence, other.evidence)


def _changed(one: Evidence, other: Evidence) -> bool:
    """Whether the later of two articles says that it is otherwise now, and the earlier doesn't."""
    if one.article.published is None or other.article.published is None:
        return False
    earlier, later = sorted((one, other), key=lambda each: _moment(each)[1])
    apart = _moment(later)[1] - _moment(earlier)[1] >= A_DAY
    return apart and changes(later.text) and not changes(earlier.text)


def _agrees(one: Candidate, other: Candidate) -> bool:
    return (
        not other.retracted
        and float(np.dot(one.vector, other.vector)) >= AGREES_FROM
        and corroborates(one.evidence.text, other.evidence.text)
    )


def _numbers_agree(one: Candidate, other: Candidate) -> bool:
    mine, theirs = numbers_in(one.evidence.text), numbers_in(other.evidence.text)
    return not mine or not theirs or mine <= theirs or theirs <= mine


def _overlapping(one: Evidence, other: Evidence) -> bool:
    return one.article.id == other.article.id and one.start < other.end and other.start < one.end
