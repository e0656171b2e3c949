"""What speaks for a passage: readable signals that the ranker weighs.

Every signal is about [0, 1] but for those of the time, which decay, and `similarity`, a cosine.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from newsqa.indexing import View
from newsqa.types import Article, Passage, Period, Query

Matrix = npt.NDArray[np.float64]

SIGNALS = (
    "similarity",  # cosine of question and passage, less the best one's
    "lexical",  # BM25, as a share of the best one's
    "coverage",  # share of the question's words in passage and title, by rarity
    "sentence",  # the same in that sentence of the passage which has most of it
    "phrase",  # share of the question's neighbouring words that are neighbours in the passage
    "article",  # coverage by all passages of its article among the candidates
    "week",  # exp(-age/7 days); this and the next two are 0 where the question is about the past
    "month",  # exp(-age/30 days)
    "half year",  # exp(-age/180 days)
    "fresh",  # exp(-age/7 days) where the question says "this week", "latest", "now"
    "period",  # nearness to the past time that the question speaks of
    "opening",  # how near to the start of its article, falling by half every 1,000 characters
    "names",  # capitalised words that the question doesn't have, log
    "numbers",  # digits, log, where the question asks for a number or a time
    "outlet",  # whether it is of an outlet that the question names
)

RECENT = timedelta(days=14)
"""How long ago a period has ended from when on it is the past, not news."""
SLACK = timedelta(days=7)
"""Days within which a period's news appears."""

FUNCTION_WORDS = frozenset(
    """a an and are as at be been by did do does for from had has have how in into is it its of on
    or that the this to was week were what when where which who whom whose why will with""".split()
)
"""Terms of a question that say nothing about what it asks for."""

_WORD = re.compile(r"\w+")
_CAPITAL = re.compile(r"(?<=\S\s)[A-Z][\w’'-]+")
_ACCENTED = re.compile(r"[^\W\x00-\x7f]")
_DIGIT = re.compile(r"\d")
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|old|long|far|tall|high|big|fast|large|deep|hot|cold)\b|\bwhen\b"
    r"|\b(?:what|which) (?:percent\w*|number|year|month|date|age|proportion|amount|price)\b",
    re.IGNORECASE,
)
_PREFIX = 3
"""Letters that a word shares with a longer stem: only such words of a passage are stemmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A passage with its article and what the two searches say of it."""

    passage: Passage
    article: Article
    similarity: float
    """Cosine with the question, in [-1, 1]."""
    lexical: float
    """BM25, 0 where it was not among the lexical search's best."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The question's terms: their rarity, and which of them are neighbours."""

    rarity: Mapping[str, float]
    total: float
    """Of all rarities."""
    pairs: frozenset[tuple[str, str]]
    paired: float
    """Of the rarities of all pairs."""
    words: frozenset[str]
    alike: re.Pattern[str]
    """Words that start as one of the terms does."""

    @classmethod
    def of(cls, text: str, view: View, latest: datetime | None) -> Asked:
        """As rare as they were at an instant."""
        words, terms = view.words(latest), View.terms(text)
        rarity = {term: max(words.rarity(term), 0.01) for term in informative(terms)}
        pairs = frozenset((a, b) for a, b in pairwise(terms) if a in rarity and b in rarity)
        heads = sorted({re.escape(head) for term in rarity for head in _heads(term)})
        return cls(
            rarity,
            sum(rarity.values()),
            pairs,
            sum(rarity[a] + rarity[b] for a, b in pairs),
            frozenset(_WORD.findall(text.casefold())),
            re.compile(rf"\b(?:{'|'.join(heads)})\w*"),
        )

    def share(self, terms: Iterable[str]) -> float:
        """Of the information asked for, what these terms have, [0, 1]."""
        return sum(self.rarity[term] for term in terms) / self.total if self.total else 0.0


def informative(terms: Sequence[str]) -> frozenset[str]:
    """Those of a question's terms that say what it asks for; all of them where none does."""
    return frozenset(terms) - FUNCTION_WORDS or frozenset(terms)


def signals_of(
    query: Query, candidates: Sequence[Candidate], view: View, *, now: datetime | None
) -> Matrix:
    """`(candidates, signals)` float64, in the order of SIGNALS.

    `now` is what ages are counted from: `as_of`, or the newest article in bounds.
    """
    asked = Asked.of(query.searched, view, query.as_of)
    found = [_matched(c, asked) for c in candidates]
    best_similarity = max((c.similarity for c in candidates), default=0.0)
    best_lexical = max((c.lexical for c in candidates), default=0.0) or 1.0
    numeric = bool(_ASKS_NUMBER.search(query.text))
    of_article: dict[str, set[str]] = defaultdict(set)
    for candidate, match in zip(candidates, found, strict=True):
        of_article[candidate.article.id] |= match.all
    rows = []
    for candidate, match in zip(candidates, found, strict=True):
        text = candidate.passage.text
        capitals = {word for word in _CAPITAL.findall(text) if word.casefold() not in asked.words}
        rows.append((
            candidate.similarity - best_similarity,
            candidate.lexical / best_lexical,
            asked.share(match.all),
            max(map(asked.share, match.sentences), default=0.0),
            match.phrase,
            asked.share(of_article[candidate.article.id]),
            *_times(query, candidate.article.published, now),
            2 ** (-candidate.passage.start / 1000),
            math.log1p(len(capitals)),
            math.log1p(len(_DIGIT.findall(text))) if numeric else 0.0,
            float(candidate.article.source in query.outlets),
        ))  # fmt: skip
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(SIGNALS))


def recency(published: datetime | None, now: datetime | None, days: float) -> float:
    """1 for now, falling by e every so many days; 0 where either is not known."""
    if published is None or now is None:
        return 0.0
    return math.exp(-max(0.0, (now - published) / timedelta(days=days)))


def nearness(published: datetime | None, period: Period) -> float:
    """1 within a period and the days in which its news appears, falling by e every such span."""
    if published is None:
        return 0.0
    outside = max(period.start - published, published - period.end - SLACK, timedelta(0))
    return math.exp(-(outside / (SLACK + (period.end - period.start))))


def past_of(query: Query, now: datetime | None) -> Period | None:
    """The time that the question speaks of, where it is the past and no longer news."""
    period = query.period
    return period if period and now and now - period.end > RECENT else None


def _times(
    query: Query, published: datetime | None, now: datetime | None
) -> tuple[float, float, float, float, float]:
    past = past_of(query, now)
    if past is not None:
        return 0.0, 0.0, 0.0, 0.0, nearness(published, past)
    period = query.period
    week, month, half = (recency(published, now, days) for days in (7, 30, 180))
    says_so = query.newest or (period is not None and period.end - period.start <= 2 * RECENT)
    return week, month, half, week if says_so else 0.0, 0.0


@dataclass(slots=True)
class _Match:
    """Where the question's terms stand in one candidate."""

    all: set[str]
    """In the passage or its article's title."""
    sentences: list[set[str]]
    """In each sentence of the passage that has any."""
    phrase: float
    """The share of the question's neighbouring words that are neighbours here."""


def _matched(candidate: Candidate, asked: Asked) -> _Match:
    passage = candidate.passage
    # In lower case İ alone is longer, which would move what comes after it.
    text = passage.text.replace("İ", "I").lower()
    ends = [sentence.end - passage.start for sentence in passage.sentences]
    of_sentence: dict[int, set[str]] = defaultdict(set)
    neighbours: set[tuple[str, str]] = set()
    before, end = "", 0
    # Only plain letters stand in the stem as they stand in the word.
    words = _WORD if _ACCENTED.search(text) else asked.alike
    for found in words.finditer(text):
        term = _term(found[0])
        if term in asked.rarity:
            of_sentence[bisect_right(ends, found.start())].add(term)
            if before and not _WORD.search(text, end, found.start()):
                neighbours.add((before, term))
            before, end = term, found.end()
    title = {
        term for word in _WORD.findall((candidate.article.title or "").lower())
        if (term := _term(word)) in asked.rarity
    }  # fmt: skip
    together = sum(asked.rarity[a] + asked.rarity[b] for a, b in neighbours & asked.pairs)
    return _Match(
        title.union(*of_sentence.values()),
        list(of_sentence.values()),
        together / asked.paired if asked.paired else 0.0,
    )


def _heads(term: str) -> set[str]:
    """How the words start that have this stem: "spy" has "spi", "dying" has "die"."""
    if len(term) > _PREFIX:
        return {term[:_PREFIX]}
    return {term[:2], f"{term[0]}y"} if term.endswith("ie") else {term[:2]}


@lru_cache(maxsize=100_000)
def _term(word: str) -> str:
    """The term of a single word; the first of its parts where it has several."""
    return next(iter(View.terms(word)), "")
